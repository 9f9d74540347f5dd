/** What a campaign asks for: one draw of the laboratory's after the other, for as long as it lasts. */
import type { ClusterPlan } from '../src/cluster/plan.ts'
import { ASKED_MS, drawWorkload } from '../src/cluster/workload.ts'
import type { ProcessId } from '../src/core/group.ts'
import { payloadOf, type Request } from '../src/simulator/application.ts'
import { MS } from '../src/simulator/scheduler.ts'
import { SeededRandom } from '../src/simulator/seeded-random.ts'
import { type Pace, REAL, stopwatch } from './pace.ts'

const SEED_MAX = 2 ** 31
/** Of a payload: its process, and what a byte can tell of its number. */
const NAMED_BYTES = 2
const ROUND = 256
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
    const round = Math.floor(number / ROUND)
    const given = { ...drawn.arguments, ...(round > 0 && { round }) }
    const request = { ...drawn, number, arguments: given }
    this.#ask(request, numbered(number, payloadOf(this.#plan.seed, request)))
  }
}

/**
 * Payloads begin with their process and the number of their request, and are told apart by that: here there are more
 * numbers than one byte can tell, and the whole of it follows.
 */
function numbered(number: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.length + NUMBER_BYTES)
  bytes.set(payload.subarray(0, NAMED_BYTES))
  new DataView(bytes.buffer).setUint32(NAMED_BYTES, number)
  bytes.set(payload.subarray(NAMED_BYTES), NAMED_BYTES + NUMBER_BYTES)
  return bytes
}
