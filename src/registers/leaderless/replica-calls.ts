/**
 * Calls of a client to some of the members: those that keep a key. As Calls, but that whom to ask is the caller's to say,
 * one after the other if it likes.
 *
 * Space: the open calls, which the caller bounds.
 */
import { sameBytes } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import { type Answered, answering, type CallId } from '../call-id.ts'
import type { Judge } from '../calls.ts'
import { type Answer, type Asked, type LeaderlessMessage, leaderlessMessages } from './messages.ts'

export interface ReplicaCall {
  ask(replica: ProcessId): void
  /** No more answers are wanted. */
  end(): void
}

interface OpenCall {
  readonly message: Asked
  readonly question: Uint8Array
  readonly asked: Set<ProcessId>
  readonly answered: Set<ProcessId>
  readonly judge: Judge<Answer>
}

export class ReplicaCalls {
  readonly #env: Environment
  readonly #send: (to: ProcessId, message: LeaderlessMessage) => void
  readonly #onWrong: (from: ProcessId) => void
  readonly #open = new Map<number, OpenCall>()
  #last = 0

  /** @param onWrong is told who answers another question than the one it was asked */
  constructor(
    env: Environment,
    send: (to: ProcessId, message: LeaderlessMessage) => void,
    onWrong: (from: ProcessId) => void
  ) {
    this.#env = env
    this.#send = send
    this.#onWrong = onWrong
  }

  /** @param judge is given the answers of each replica that was asked until one of them is right, or the call ends */
  begin(ask: (call: CallId) => Asked, judge: Judge<Answer>): ReplicaCall {
    const number = ++this.#last
    const message = ask({ life: this.#env.incarnation, number })
    const { question } = this.answering(message)
    const call: OpenCall = { message, question, asked: new Set(), answered: new Set(), judge }
    this.#open.set(number, call)
    return {
      ask: (replica) => {
        call.asked.add(replica)
        this.#send(replica, call.message)
      },
      end: () => void this.#open.delete(number)
    }
  }

  /** What this process's answer to the question of another is headed by. */
  answering(question: Asked): Answered {
    return answering<Asked>(this.#env, leaderlessMessages, question)
  }

  answer(from: ProcessId, answer: Answer): void {
    const { life, number, question } = answer.call
    const call = life === this.#env.incarnation ? this.#open.get(number) : undefined
    if (call === undefined || !call.asked.has(from) || call.answered.has(from)) return
    if (!sameBytes(question, call.question)) {
      this.#onWrong(from)
      return
    }
    call.answered.add(from)
    if (!call.judge(from, answer)) call.answered.delete(from)
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
