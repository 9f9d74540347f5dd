/** Clients at work while a group is put through phases: each asks for one thing after the other, a few at a time. */
import { setTimeout as pause } from 'node:timers/promises'
import { payloadOf } from '../simulator/application.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { Cluster } from './cluster.ts'
import { ledOf } from './led-standing.ts'
import { recordOf, type ServiceClients } from './service-clients.ts'

/** Operations of one client that are under way. */
const UNDER_WAY_MAX = 3
/** Between two looks at whether more may be asked for. */
const PAUSE_MS = 40

export class LedLoad {
  readonly #cluster: Cluster
  readonly #clients: ServiceClients
  #isOver = false

  constructor(cluster: Cluster, clients: ServiceClients) {
    this.#cluster = cluster
    this.#clients = clients
  }

  /** Until it is stopped. */
  async run(signal: AbortSignal): Promise<void> {
    const { plan } = this.#cluster
    const { asks } = ledOf(plan)
    const record = recordOf(this.#cluster)
    const clients = Array.from({ length: this.#clients.count }, (_, client) => ({
      process: plan.members + client,
      asked: 0,
      draw: new SeededRandom(plan.seed, `load/${client}`)
    }))
    while (!this.#isOver && !signal.aborted) {
      for (const client of clients) {
        if (client.asked - record.completedBy(client.process) >= UNDER_WAY_MAX) continue
        client.asked++
        const request = asks(client.process, client.asked, client.draw)
        this.#clients.ask(request, payloadOf(plan.seed, request))
      }
      await pause(PAUSE_MS)
    }
  }

  stop(): void {
    this.#isOver = true
  }
}
