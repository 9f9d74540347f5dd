/** Members with several addresses, of which some lead nowhere. */
import { createServer, type Server, type Socket } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { describe, expect, onTestFinished, test } from 'vitest'
import { elapse, HANGS_MS, until } from '../waiting.ts'
import { makeGroup, makeNodes, untilConnected } from './transport-support.ts'

/** Listens, and does with each connection what it is told. */
async function listen(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const bound = server.address()
  const port = typeof bound === 'object' ? bound?.port : undefined
  return { address: multiaddr(`/ip4/127.0.0.1/tcp/${port}`), sockets }
}

const silent = () => listen(() => {})
const limits = { dialTimeoutMs: 2_000, addressTimeoutMs: 1_000 }
/** Where all that is dialled answers, or hangs up. */
const patient = { dialTimeoutMs: HANGS_MS, addressTimeoutMs: HANGS_MS }

const RELAY = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'

describe('of several addresses of a member', () => {
  test('the last is dialled in its turn although those before it accept and say nothing', async () => {
    const nodes = await makeNodes(2)
    const dead = await Promise.all([silent(), silent(), silent()])
    const right = nodes[1]!.getMultiaddrs()
    const addressOf = (rank: number) => [...(rank === 1 ? dead.map(({ address }) => address) : []), ...right]
    const group = await makeGroup(nodes, { addressOf, limits })
    await untilConnected(group)
    expect(dead.every(({ sockets }) => sockets.size > 0)).toBe(true)
    expect(group[0]?.failures.slice(0, 3)).toEqual(
      dead.map(({ address }) => ({ peer: 1, address: String(address), error: 'no answer within 1000 ms' }))
    )
  })

  test('each gets its turn again and again, whether it refuses, hangs, hangs up, or is of no transport', async () => {
    const nodes = await makeNodes(2)
    const hangs = await silent()
    const hangsUp = await listen((socket) => socket.destroy())
    const talks = await listen((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const errors: [unknown, RegExp][] = [
      [hangs.address, /^no answer within 1000 ms$/],
      [hangsUp.address, /encryption failed|close|reset/i],
      [talks.address, /./],
      [multiaddr('/ip4/127.0.0.1/tcp/1'), /ECONNREFUSED/],
      [multiaddr('/memory/nobody'), /no valid addresses/],
      [
        multiaddr(`/ip4/127.0.0.1/tcp/2/p2p/${RELAY}/p2p-circuit`),
        RegExp(`no valid addresses for peer: ${nodes[1]?.peerId}`)
      ]
    ]
    const addresses = errors.map(([address]) => address as Multiaddr)
    const [dialler] = await makeGroup(nodes, { addressOf: () => addresses, limits })
    const errorsOf = (address: unknown) =>
      (dialler?.failures ?? [])
        .filter((failure) => failure.address === String(address))
        .map(({ error }) => error)
    await until('two turns of each, and its own error', () =>
      errors.every(
        ([address, expected]) =>
          errorsOf(address).length >= 2 && errorsOf(address).some((error) => expected.test(error))
      )
    )
    for (const [address, expected] of errors)
      for (const error of errorsOf(address)) {
        // On a busy machine the others may be too slow now and then, as the one that hangs is always.
        if (error !== 'no answer within 1000 ms') expect(error).toMatch(expected)
        expect(error).toMatch(/^[^\n]{1,200}$/)
      }
    expect(dialler?.events).toEqual([])
  })

  test('the one that served last is dialled first after the connection is lost', async () => {
    const nodes = await makeNodes(2)
    const dead = await listen((socket) => socket.destroy())
    const addressOf = () => [dead.address, ...nodes[1]!.getMultiaddrs()]
    const group = await makeGroup(nodes, { addressOf, limits: { ...patient, redialDelayMaxMs: 20 } })
    await untilConnected(group)
    // Longer than the longest pause: a channel that ends sooner is a failure.
    await elapse(100)
    for (const connection of nodes[0]!.getConnections()) connection.abort(new Error('cut by the test'))
    await until('again', () => group[0]!.events.filter((event) => event === 'connected 1').length === 2)
    expect(dead.sockets.size).toBe(1)
  })

  test('one at which another member answers is told, and the next has its turn', async () => {
    const nodes = await makeNodes(3)
    const addressOf = (rank: number) =>
      rank === 2
        ? [...nodes[1]!.getMultiaddrs(), ...nodes[2]!.getMultiaddrs()].map((address) =>
            multiaddr(String(address).replace(/\/p2p\/.*/, ''))
          )
        : nodes[rank]!.getMultiaddrs()
    const group = await makeGroup(nodes, { addressOf, limits: patient })
    await untilConnected(group)
    expect(group[0]?.failures[0]).toMatchObject({
      peer: 2,
      error: expect.stringContaining(String(nodes[1]?.peerId))
    })
  })
})
