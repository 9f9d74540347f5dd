/**
 * A get under way, and the read repair after it: all replicas are asked; the join of the first r answers is what it
 * returns; and when all have answered, or after READ_REPAIR_WAIT_MS, those that were behind are sent the join of all.
 */
import type { Clock, Timer } from '../core/clock.ts'
import type { ProcessId } from '../core/group.ts'
import type { Call, Calls } from '../exchange/calls.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { READ_REPAIR_WAIT_MS } from './constants.ts'
import type { Answer, Asked } from './messages.ts'
import { type Conflicts, EMPTY, join, type KeyState, sameState } from './versions.ts'

export interface GetInit {
  readonly calls: Calls<Asked, Answer>
  readonly clock: Clock
  readonly key: string
  readonly replicas: readonly ProcessId[]
  readonly conflicts: Conflicts
  /** Replicas whose answers are awaited. */
  readonly r: number
  readonly isState: (from: ProcessId, answer: Answer) => answer is Extract<Answer, { type: 'STATE' }>
  readonly finished: (state: KeyState) => void
  readonly repair: (replica: ProcessId, state: KeyState) => void
  /** Nothing is left to do, after it has finished. */
  readonly ended: () => void
}

export class GetOperation implements OpenOperation {
  readonly #init: GetInit
  readonly #call: Call
  readonly #states = new Map<ProcessId, KeyState>()
  #timer: Timer | undefined
  #joined = EMPTY

  constructor(init: GetInit) {
    const { calls, key, replicas } = init
    this.#init = init
    this.#call = calls.begin(
      (call) => ({ type: 'GET', call, key }),
      (from, answer) => this.#onAnswer(from, answer),
      replicas
    )
  }

  abandon(): void {
    this.#timer?.cancel()
    this.#call.end()
  }

  /** Does what is left to do with the answers that there are. */
  repair(): void {
    this.abandon()
    for (const [replica, state] of this.#states)
      if (!sameState(state, this.#joined)) this.#init.repair(replica, this.#joined)
    this.#init.ended()
  }

  #onAnswer(from: ProcessId, answer: Answer): boolean {
    const { r, replicas, conflicts, clock, finished, isState } = this.#init
    if (!isState(from, answer)) return false
    this.#states.set(from, answer.state)
    this.#joined = join(this.#joined, answer.state, conflicts)
    const answered = this.#states.size
    if (answered === r) {
      this.#timer = clock.setTimer(READ_REPAIR_WAIT_MS, () => this.repair())
      finished(this.#joined)
    }
    if (answered === replicas.length) this.repair()
    return true
  }
}
