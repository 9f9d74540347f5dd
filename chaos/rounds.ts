/** What a campaign asks for: one draw of the laboratory's after the other, for as long as it lasts. */
import type { ClusterPlan } from '../src/cluster/plan.ts'
import { ASKED_MS, drawWorkload } from '../src/cluster/workload.ts'
import type { ProcessId } from '../src/core/group.ts'
import { payloadOf, type Request } from '../src/simulator/application.ts'
import { MS } from '../src/simulator/scheduler.ts'
import { SeededRandom } from '../src/simulator/seeded-random.ts'
import { type Pace, REAL, stopwatch } from './pace.ts'

const SEED_MAX = 2 ** 31
const NUMBER_BYTES = 4

export type Ask = (request: Request, payload: Uint8Array) => void

export class Rounds {
  readonly #plan: ClusterPlan
  readonly #ask: Ask
  readonly #pace: Pace
  readonly #random: SeededRandom
  /** How often each process was asked for something. */
  readonly #asked = new Map<ProcessId, number>()
  /** What a draw asks for when all else is over, each once. */
  readonly #last = new Map<string, Request>()

  constructor(plan: ClusterPlan, ask: Ask, pace = REAL) {
    this.#plan = plan
    this.#ask = ask
    this.#pace = pace
    this.#random = new SeededRandom(plan.seed, 'chaos/rounds')
  }

  async askUntil(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const until = stopwatch(this.#pace)
      const { requests } = drawWorkload({ ...this.#plan, seed: this.#random.below(SEED_MAX) })
      for (const request of requests) {
        if (request.at > ASKED_MS * MS) this.#keep(request)
        else {
          await until(request.at / MS)
          if (over.aborted) return
          this.#askFor(request)
        }
      }
      await until(ASKED_MS)
    }
  }

  /** All else is over: what was drawn for later comes as much later. */
  async askLast(): Promise<void> {
    const until = stopwatch(this.#pace)
    for (const request of [...this.#last.values()].sort((a, b) => a.at - b.at)) {
      await until(request.at / MS - ASKED_MS)
      this.#askFor(request)
    }
  }

  #keep(request: Request): void {
    const { process, service, name, arguments: given } = request
    this.#last.set(JSON.stringify([process, service, name, given]), request)
  }

  #askFor(drawn: Request): void {
    const number = (this.#asked.get(drawn.process) ?? 0) + 1
    this.#asked.set(drawn.process, number)
    const request = { ...drawn, number }
    this.#ask(request, numbered(number, payloadOf(this.#plan.seed, request)))
  }
}

/** Payloads of one process are told apart by their first bytes, and here there are more than two of them can tell. */
function numbered(number: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES + payload.length)
  new DataView(bytes.buffer).setUint32(0, number)
  bytes.set(payload, NUMBER_BYTES)
  return bytes
}
