/**
 * What a member measures, for Prometheus, on loopback: nobody else has any business with it, and whoever does
 * can forward the port. The text is prom-client's, by which libp2p shows its own metrics as well: what Prometheus
 * reads is its to know.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { METRICS, type Measured, momentOf, PROCESS_LABELS, processLabels } from '../libp2p/metrics.ts'
import { OperationError, UsageError } from '../program/errors.ts'

const HOST = '127.0.0.1'

/** Requests at a time; a scraper makes one. */
const CONNECTIONS_MAX = 16

export interface MetricsServer {
  readonly port: number
  /** Until then it answers that the member is starting. */
  serve(service: Measured): Promise<void>
  close(): Promise<void>
}

/** @throws {UsageError} if the port is in use */
export async function listenForMetrics(port: number): Promise<MetricsServer> {
  let shown: Shown | undefined
  const server = createServer((request, response) => {
    const known = request.url === '/metrics' && request.method === 'GET'
    if (!known) response.writeHead(404).end('try GET /metrics\n')
    else if (shown === undefined) response.writeHead(503).end('starting\n')
    else {
      const { contentType } = shown
      shown.metrics().then(
        (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
        ({ message }: Error) => response.writeHead(500).end(`${message}\n`)
      )
    }
  })
  server.maxConnections = CONNECTIONS_MAX
  await listen(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    serve: async (service) => {
      shown = await registryOf(service)
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

/** How prom-client shows a service. */
interface Shown {
  readonly contentType: string
  metrics(): Promise<string>
}

/** What {@link METRICS} are of `service`, whenever it is looked at. */
export async function registryOf(service: Measured): Promise<Shown> {
  // It takes longer to load than it is worth where nobody asks for it.
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  let moment = momentOf(service)
  for (const { name, help, type, labels, samples } of METRICS) {
    const labelNames = [...PROCESS_LABELS, ...labels]
    const metric = { name, help, labelNames, registers: [registry] }
    const shown = () =>
      samples(moment).map(([own, value]) => {
        const values = [...processLabels(moment.status()), ...own]
        return [Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])), value] as const
      })
    if (type === 'counter')
      new Counter({
        ...metric,
        collect() {
          this.reset()
          for (const [values, value] of shown()) this.inc(values, value)
        }
      })
    else
      new Gauge({
        ...metric,
        collect() {
          this.reset()
          for (const [values, value] of shown()) this.set(values, value)
        }
      })
  }
  return {
    contentType: registry.contentType,
    metrics: async () => {
      moment = momentOf(service)
      return registry.metrics()
    }
  }
}
