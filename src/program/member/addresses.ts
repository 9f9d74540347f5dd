/** The addresses that a member listens on, looked at before it starts. */
import { randomInt } from 'node:crypto'
import { createServer, isIPv4, type Server } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { OperationError, UsageError } from '../errors.ts'
import { printable } from '../output.ts'

interface Endpoint {
  readonly host: string
  /** Undefined where no TCP port is named. */
  readonly port: number | undefined
}

function endpointOf(address: string): Endpoint {
  const components = multiaddr(address).getComponents()
  const port = components.find(({ name }) => name === 'tcp')?.value
  return { host: components[0]?.value ?? '', port: port === undefined ? undefined : Number(port) }
}

const HOST_NAMES = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])

/** Whether it is a host and a TCP port that others can dial, and nothing else. */
export function isTcp(address: string): boolean {
  const [host, port, ...rest] = multiaddr(address).getComponents()
  return HOST_NAMES.has(host?.name ?? '') && port?.name === 'tcp' && port.value !== '0' && rest.length === 0
}

/** Whether nobody on another machine can reach it. */
export function isLoopback(address: string): boolean {
  const { host } = endpointOf(address)
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

const PROBLEMS: { readonly [code: string]: string } = {
  EADDRINUSE: 'the port is in use; is this member running already?',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'permission denied for this port',
  ENOTFOUND: 'the name is not known'
}

/**
 * Listens on each address for a moment. The port may still be taken before the member does: then libp2p says so, but
 * by then a data folder has been made.
 *
 * @throws {UsageError}
 */
export async function requireFreePorts(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const { host, port } = endpointOf(address)
    if (port === undefined) continue
    const server = createServer()
    try {
      await listen(server, host, port)
      await close(server)
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      const problem = PROBLEMS[code]
      const line = `cannot listen on ${printable(address)}: ${problem ?? printable(message)}`
      throw problem === undefined ? new OperationError(line) : new UsageError(line)
    }
  }
}

/** Below those that systems give to outgoing connections: a member that dials could take another's port so. */
const FREE_PORT_MIN = 10_000
const FREE_PORT_MAX = 32_000

const FREE_PORT_TRIES_MAX = 1000

/** So many TCP ports of loopback that nobody listens on at this moment. */
export async function findFreePorts(count: number): Promise<number[]> {
  // Those found are held until all are, so that none is given twice.
  const held = new Map<number, Server>()
  for (let tries = 0; held.size < count; tries++) {
    if (tries === FREE_PORT_TRIES_MAX) throw new OperationError('no free ports were found on 127.0.0.1')
    const port = randomInt(FREE_PORT_MIN, FREE_PORT_MAX)
    const server = createServer()
    await listen(server, '127.0.0.1', port).then(
      () => held.set(port, server),
      () => {}
    )
  }
  await Promise.all([...held.values()].map(close))
  return [...held.keys()]
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, resolve)
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
