/**
 * Calls: a client asks every member, and waits for the answers of as many distinct ones as it needs.
 *
 * Each call has a number, which the answers carry: a late answer to an earlier call counts for no other. Of each member
 * the first answer counts, and no second one. Links deliver within a session; in a new one, what a member has not
 * answered is asked again.
 *
 * Space: the open calls, which the caller bounds.
 */
import type { ProcessId } from '../core/group.ts'

export interface Call {
  readonly number: number
  /** No more answers are wanted. */
  end(): void
}

interface OpenCall<M, A> {
  readonly message: M
  readonly answered: Set<ProcessId>
  readonly onAnswer: (from: ProcessId, answer: A) => void
}

export class Calls<M, A> {
  readonly #send: (to: ProcessId, message: M) => void
  readonly #sendAll: (message: M) => void
  readonly #open = new Map<number, OpenCall<M, A>>()
  #last = 0

  constructor(send: (to: ProcessId, message: M) => void, sendAll: (message: M) => void) {
    this.#send = send
    this.#sendAll = sendAll
  }

  get size(): number {
    return this.#open.size
  }

  /** @param onAnswer is told the first answer of each member, until the call ends */
  begin(message: (call: number) => M, onAnswer: (from: ProcessId, answer: A) => void): Call {
    const number = ++this.#last
    const call = { message: message(number), answered: new Set<ProcessId>(), onAnswer }
    this.#open.set(number, call)
    this.#sendAll(call.message)
    return { number, end: () => void this.#open.delete(number) }
  }

  answer(number: number, from: ProcessId, answer: A): void {
    const call = this.#open.get(number)
    if (call === undefined || call.answered.has(from)) return
    call.answered.add(from)
    call.onAnswer(from, answer)
  }

  /** Asks a member again what it has not answered. */
  resync(peer: ProcessId): void {
    for (const { message, answered } of this.#open.values())
      if (!answered.has(peer)) this.#send(peer, message)
  }

  /** For `state()`: the numbers of the open calls, with who has answered. */
  state(): readonly { readonly call: number; readonly answered: readonly ProcessId[] }[] {
    return [...this.#open].map(([call, { answered }]) => ({
      call,
      answered: [...answered].sort((a, b) => a - b)
    }))
  }
}
