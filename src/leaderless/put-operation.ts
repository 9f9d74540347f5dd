/**
 * A put or delete under way: one replica takes it in and gives it a dot, then all others are told what it has of the
 * key.
 *
 * The replicas are asked in the order of the ring, the next one when the last has refused, or has not answered for
 * PUT_PATIENCE_MS; the first to take it in is the one that counts. Its answer is passed on to the others as a whole: so
 * nobody knows a dot without those before it (versions.ts).
 *
 * As many replicas may be down as it need not wait for, and never answer. So it is refused where all that have answered
 * are too few to complete it, and are as many as may be all that there are: it is given PUT_PATIENCE_MS for more.
 */
import type { Clock, Timer } from '../core/clock.ts'
import type { ProcessId } from '../core/group.ts'
import type { Observer } from '../core/trace.ts'
import type { Call, Calls } from '../exchange/calls.ts'
import { gather } from '../exchange/gather.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { PUT_PATIENCE_MS } from './constants.ts'
import type { StoreRefusal } from './kept-states.ts'
import { type Answer, type Asked, STORE_REFUSALS } from './messages.ts'
import type { KeyState, VersionClock, Write } from './versions.ts'

export interface PutInit {
  readonly calls: Calls<Asked, Answer>
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
  readonly #first: Call
  #call: Pick<Call, 'end'>
  #timer: Timer | undefined
  /** How many replicas were asked to take it in. */
  #asked = 0
  /** Of those that were asked last, to take it in or to keep it too: how many have answered, and why some refused. */
  #answered = 0
  #refusal: StoreRefusal | undefined
  /** So many answers come in any case, whoever is down. */
  #expected: number

  constructor(init: PutInit) {
    const { calls, key, context, write, w } = init
    this.#init = init
    this.#expected = w
    this.#first = calls.begin(
      (call) => ({ type: 'PUT', call, key, context, ...write }),
      (from, answer) => this.#onFirst(from, answer),
      []
    )
    this.#call = this.#first
    this.#askNext()
  }

  abandon(): void {
    this.#timer?.cancel()
    this.#call.end()
  }

  #askNext(): void {
    const { replicas, observer } = this.#init
    const next = replicas[this.#asked]
    if (next === undefined) return
    if (this.#asked++ > 0) observer.landmark('put-asks-another-replica')
    this.#first.ask(next)
    this.#startTimer()
  }

  #startTimer(): void {
    this.#timer?.cancel()
    this.#timer = this.#init.clock.setTimer(PUT_PATIENCE_MS, () => this.#onTimeout())
  }

  #onTimeout(): void {
    if (this.#call === this.#first && this.#asked < this.#init.replicas.length) this.#askNext()
    else if (this.#refusal !== undefined && this.#answered >= this.#expected) this.#finish(this.#refusal)
    else this.#startTimer()
  }

  #onFirst(from: ProcessId, answer: Answer): boolean {
    const { replicas, isState } = this.#init
    if (answer.type === 'REFUSED') {
      this.#refusal = refusalOf(answer.reason)
      if (++this.#answered === replicas.length) this.#finish(this.#refusal)
      else this.#askNext()
      return true
    }
    if (!isState(from, answer)) return false
    this.abandon()
    this.#spread(from, answer.state)
    return true
  }

  #spread(first: ProcessId, state: KeyState): void {
    const { calls, key, replicas, w } = this.#init
    const others = replicas.filter((replica) => replica !== first)
    this.#answered = 0
    this.#refusal = undefined
    this.#expected = w - 1
    this.#startTimer()
    this.#call = gather<Asked, Answer, StoreRefusal>(calls, {
      question: (call) => ({ type: 'MERGE', call, key, state }),
      whom: others,
      quorum: w - 1,
      of: others.length,
      judge: (answer) => {
        if (answer.type !== 'REFUSED' && answer.type !== 'MERGED') return undefined
        this.#answered++
        if (answer.type === 'MERGED') return 'acknowledged'
        this.#refusal = refusalOf(answer.reason)
        return this.#refusal
      },
      returned: (refusal) => this.#finish(refusal ?? state)
    })
  }

  #finish(result: KeyState | StoreRefusal): void {
    this.abandon()
    this.#init.finished(result)
  }
}

const refusalOf = (reason: number): StoreRefusal => STORE_REFUSALS[reason] as StoreRefusal
