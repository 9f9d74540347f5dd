/**
 * Calls: a client asks every member, and waits for the answers of as many distinct ones as it needs.
 *
 * Each call has a number, which the answers carry: a late answer to an earlier call counts for no other. Of each member
 * the first answer counts, and no second one. Links deliver within a session; in a new one, what a member has not
 * answered is asked again; and so it is when it begins to serve, once in a session, however often it says so.
 *
 * Space: the open calls, which the caller bounds, and one number for each member.
 */
import type { ProcessId } from '../core/group.ts'

export interface Call {
  readonly number: number
  /** How many members have answered since they were last asked. */
  readonly answered: number
  /** Asks those again that have answered: of each of them one more answer counts. */
  again(): void
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
  /** Members that said in their session that they serve. */
  readonly #serving = new Set<ProcessId>()
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
    const answered = new Set<ProcessId>()
    const call = { message: message(number), answered, onAnswer }
    this.#open.set(number, call)
    this.#sendAll(call.message)
    return {
      number,
      get answered() {
        return answered.size
      },
      again: () => {
        const asked = [...answered]
        answered.clear()
        for (const member of asked) this.#send(member, call.message)
      },
      end: () => void this.#open.delete(number)
    }
  }

  answer(number: number, from: ProcessId, answer: A): void {
    const call = this.#open.get(number)
    if (call === undefined || call.answered.has(from)) return
    call.answered.add(from)
    call.onAnswer(from, answer)
  }

  /** A new session with `peer`. */
  resync(peer: ProcessId): void {
    this.#serving.delete(peer)
    this.#askAgain(peer)
  }

  /** A member serves from now on. */
  serving(peer: ProcessId): void {
    if (this.#serving.has(peer)) return
    this.#serving.add(peer)
    this.#askAgain(peer)
  }

  /** For `state()`: the numbers of the open calls, with who has answered. */
  state(): readonly { readonly call: number; readonly answered: readonly ProcessId[] }[] {
    return [...this.#open].map(([call, { answered }]) => ({
      call,
      answered: [...answered].sort((a, b) => a - b)
    }))
  }

  /** Asks a member what it has not answered. */
  #askAgain(peer: ProcessId): void {
    for (const { message, answered } of this.#open.values())
      if (!answered.has(peer)) this.#send(peer, message)
  }
}
