/**
 * What a member counts, for Prometheus (text exposition format 0.0.4), on loopback: nobody else has any business
 * with it, and whoever does can forward the port.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ByzantineService, ServiceStatus } from '../libp2p/service.ts'
import { OperationError, UsageError } from './errors.ts'

const HOST = '127.0.0.1'

/** Requests at a time; a scraper makes one. */
const CONNECTIONS_MAX = 16

export interface MetricsServer {
  readonly port: number
  /** Until then it answers that the member is starting. */
  serve(service: ByzantineService): void
  close(): Promise<void>
}

/** @throws {UsageError} if the port is in use */
export async function listenForMetrics(port: number): Promise<MetricsServer> {
  let service: ByzantineService | undefined
  const server = createServer((request, response) => {
    const known = request.url === '/metrics' && request.method === 'GET'
    if (!known) response.writeHead(404).end('try GET /metrics\n')
    else if (service === undefined) response.writeHead(503).end('starting\n')
    else response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(exposition(service))
  })
  server.maxConnections = CONNECTIONS_MAX
  await listen(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    serve: (running) => {
      service = running
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EADDRINUSE') reject(new UsageError(`--metrics ${port}: the port is in use`))
      else if (code === 'EACCES') reject(new UsageError(`--metrics ${port}: permission denied for this port`))
      else reject(new OperationError(`--metrics ${port}: ${message}`))
    })
    server.listen(port, HOST, resolve)
  })
}

/** One metric: all its samples, each with its labels. */
interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly (readonly [labels: { readonly [name: string]: string }, value: number])[]
}

export function exposition(service: Pick<ByzantineService, 'status' | 'faults' | 'landmarks'>): string {
  const status = service.status()
  const lines = [...metricsOf(status), ...countersOf(service)].flatMap(({ name, help, type, samples }) => [
    `# HELP byzkit_${name} ${help}`,
    `# TYPE byzkit_${name} ${type}`,
    ...samples.map(([labels, value]) => `byzkit_${name}${labelText(labels)} ${value}`)
  ])
  return `${lines.join('\n')}\n`
}

function metricsOf(status: ServiceStatus): Metric[] {
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: [[{}, value]]
  })
  return [
    {
      name: 'info',
      help: 'Who this member is.',
      type: 'gauge',
      samples: [[{ group: status.group, self: String(status.self), stack: status.stack }, 1]]
    },
    gauge('members', 'Members of the group.', status.members),
    gauge('faulty_max', 'Members that may be faulty (f).', status.faulty),
    gauge('incarnation', 'Life number of this member.', status.incarnation),
    gauge('ready', 'Whether it is connected to a quorum.', Number(status.ready)),
    gauge('connected_members', 'Other members with an authenticated session.', status.connected.length),
    gauge('lagging_members', 'Connected members that do not keep up.', status.lagging.length),
    gauge('cut_off_processes', 'Members and clients that are cut off for misdeeds.', status.cutOff.length),
    gauge('waiting_broadcasts', 'Broadcasts that wait for the window.', status.waiting),
    gauge('unacknowledged_deliveries', 'Deliveries that were not acknowledged.', status.unacknowledged),
    {
      name: 'delivered',
      help: 'Broadcasts of the sender below which all were delivered and acknowledged.',
      type: 'gauge',
      samples: status.delivered.map((count, sender) => [{ sender: String(sender) }, count])
    }
  ]
}

/** Since the last start. */
function countersOf(service: Pick<ByzantineService, 'status' | 'faults' | 'landmarks'>): Metric[] {
  const counters = Object.entries(service.status().counts).map(
    ([name, value]): Metric => ({
      name: `${snakeCase(name)}_total`,
      help: 'Since the last start.',
      type: 'counter',
      samples: [[{}, value]]
    })
  )
  return [
    ...counters,
    {
      name: 'faults_total',
      help: 'Faults of other members that were seen.',
      type: 'counter',
      samples: service.faults.map(({ fault: { process, kind, certainty }, count }) => [
        { member: String(process), kind, certainty },
        count
      ])
    },
    {
      name: 'landmarks_total',
      help: 'States of the protocol that were reached.',
      type: 'counter',
      samples: [...service.landmarks].map(([landmark, count]) => [{ landmark }, count])
    }
  ]
}

function labelText(labels: { readonly [name: string]: string }): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
