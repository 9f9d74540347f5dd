/**
 * Calls of a client to some of the members: those that keep a key. As Calls, but that whom to ask is the caller's to say,
 * one after the other if it likes.
 *
 * Space: the open calls, which the caller bounds.
 */
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { Answer, LeaderlessMessage } from './messages.ts'

export interface ReplicaCall {
  ask(replica: ProcessId): void
  /** No more answers are wanted. */
  end(): void
}

interface OpenCall {
  readonly message: LeaderlessMessage
  readonly asked: Set<ProcessId>
  readonly answered: Set<ProcessId>
  readonly onAnswer: (from: ProcessId, answer: Answer) => void
}

export class ReplicaCalls {
  readonly #send: (to: ProcessId, message: LeaderlessMessage) => void
  readonly #open = new Map<number, OpenCall>()
  #last = 0

  constructor(send: (to: ProcessId, message: LeaderlessMessage) => void) {
    this.#send = send
  }

  /** @param onAnswer is told the first answer of each replica that was asked, until the call ends */
  begin(
    message: (call: number) => LeaderlessMessage,
    onAnswer: (from: ProcessId, answer: Answer) => void
  ): ReplicaCall {
    const number = ++this.#last
    const call: OpenCall = { message: message(number), asked: new Set(), answered: new Set(), onAnswer }
    this.#open.set(number, call)
    return {
      ask: (replica) => {
        call.asked.add(replica)
        this.#send(replica, call.message)
      },
      end: () => void this.#open.delete(number)
    }
  }

  answer(from: ProcessId, answer: Answer): void {
    const call = this.#open.get(answer.call)
    if (call === undefined || !call.asked.has(from) || call.answered.has(from)) return
    call.answered.add(from)
    call.onAnswer(from, answer)
  }

  /** Asks a replica again what it has not answered. */
  resync(peer: ProcessId): void {
    for (const { message, asked, answered } of this.#open.values())
      if (asked.has(peer) && !answered.has(peer)) this.#send(peer, message)
  }

  state(): PlainValue {
    return [...this.#open].map(([call, { asked, answered }]) => ({
      call,
      asked: [...asked],
      answered: [...answered]
    }))
  }
}
