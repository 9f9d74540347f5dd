/**
 * A put or delete under way: one replica takes it in and gives it a dot, then all others are told what it has of the key.
 *
 * The replicas are asked in the order of the ring, the next one when the last has refused, or has not answered for
 * PUT_PATIENCE_MS; the first to take it in is the one that counts. Its answer is passed on to the others as a whole: so
 * nobody knows a dot without those before it (versions.ts).
 */
import type { Clock, Timer } from '../../core/clock.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Observer } from '../../core/trace.ts'
import type { OpenOperation } from '../register.ts'
import { PUT_PATIENCE_MS } from './constants.ts'
import type { StoreRefusal } from './kept-states.ts'
import { type Answer, STORE_REFUSALS } from './messages.ts'
import type { ReplicaCall, ReplicaCalls } from './replica-calls.ts'
import type { KeyState, VersionClock, Write } from './versions.ts'

export interface PutInit {
  readonly calls: ReplicaCalls
  readonly clock: Clock
  readonly observer: Observer
  readonly key: string
  readonly replicas: readonly ProcessId[]
  readonly context: VersionClock
  readonly write: Write
  /** Replicas that must have it. */
  readonly w: number
  /** Whether it is a state of the key that a replica may give; names who gives another. */
  readonly isState: (from: ProcessId, answer: Answer) => answer is Extract<Answer, { type: 'STATE' }>
  readonly finished: (result: KeyState | StoreRefusal) => void
}

export class PutOperation implements OpenOperation {
  readonly #init: PutInit
  #call: ReplicaCall
  #timer: Timer | undefined
  /** How many replicas were asked to take it in, and how many of them refused. */
  #asked = 0
  #refused = 0

  constructor(init: PutInit) {
    const { calls, key, context, write } = init
    this.#init = init
    this.#call = calls.begin(
      (call) => ({ type: 'PUT', call, key, context, ...write }),
      (from, answer) => this.#onFirst(from, answer)
    )
    this.#askNext()
  }

  abandon(): void {
    this.#timer?.cancel()
    this.#call.end()
  }

  #askNext(): void {
    const { replicas, clock, observer } = this.#init
    this.#timer?.cancel()
    const next = replicas[this.#asked]
    if (next === undefined) return
    if (this.#asked++ > 0) observer.landmark('put-asks-another-replica')
    this.#call.ask(next)
    this.#timer = clock.setTimer(PUT_PATIENCE_MS, () => this.#askNext())
  }

  #onFirst(from: ProcessId, answer: Answer): boolean {
    if (answer.type === 'REFUSED') {
      if (++this.#refused === this.#init.replicas.length) this.#finish(refusalOf(answer.reason))
      else this.#askNext()
      return true
    }
    if (!this.#init.isState(from, answer)) return false
    this.abandon()
    this.#spread(from, answer.state)
    return true
  }

  #spread(first: ProcessId, state: KeyState): void {
    const { calls, key, replicas, w } = this.#init
    let merged = 1
    let refused = 0
    this.#call = calls.begin(
      (call) => ({ type: 'MERGE', call, key, state }),
      (_, answer) => {
        if (answer.type === 'MERGED' && ++merged === w) this.#finish(state)
        if (answer.type === 'REFUSED' && ++refused > replicas.length - w)
          this.#finish(refusalOf(answer.reason))
        return answer.type !== 'STATE'
      }
    )
    for (const replica of replicas) if (replica !== first) this.#call.ask(replica)
    if (w === 1) this.#finish(state)
  }

  #finish(result: KeyState | StoreRefusal): void {
    this.abandon()
    this.#init.finished(result)
  }
}

const refusalOf = (reason: number): StoreRefusal => STORE_REFUSALS[reason] as StoreRefusal
