/**
 * Calls: a client asks every member, or some of them, and waits for the answers of as many distinct ones as it needs.
 *
 * An answer says which question it answers (call-id.ts): one to an earlier call, or to a call of an earlier life,
 * counts for no other, and one that names a call and another question than that is a lie. Of each member that was asked
 * the first answer counts that was found to be one; before that it may have given wrong ones. Links deliver within a
 * session; in a new one, what a member has not answered is asked again; and so it is when it begins to serve, once in a
 * session, however often it says so.
 *
 * Space: the open calls, which the caller bounds, and one number for each member.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { Messages } from '../core/messages.ts'
import type { Port } from '../links/ports.ts'
import { type Answered, answering, type CallId, type Question, type Reply } from './call-id.ts'

export interface Call {
  /** How many members have answered since they were last asked, with the answer that is being judged. */
  readonly answered: number
  /** Asks this member, too; nobody else has to be asked. */
  ask(member: ProcessId): void
  /** Asks those again that have answered: of each of them one more answer counts. */
  again(): void
  /** No more answers are wanted. */
  end(): void
}

/** Whether it is an answer that a correct member may give; who gives another one is named by the judge. */
export type Judge<A> = (from: ProcessId, answer: A) => boolean

/** What is needed of a port. */
type Asking<Q> = Pick<Port<Q>, 'send' | 'sendAll' | 'answer'>

interface OpenCall<Q, A> {
  readonly message: Q
  readonly question: Uint8Array
  /** Undefined: all members. */
  readonly asked: Set<ProcessId> | undefined
  readonly answered: Set<ProcessId>
  readonly judge: Judge<A>
}

type OpenCallState = {
  readonly call: number
  readonly asked?: readonly ProcessId[]
  readonly answered: readonly ProcessId[]
}

export class Calls<Q extends Question, A extends Reply> {
  readonly #env: Environment
  readonly #messages: Pick<Messages<Q>, 'encode'>
  readonly #port: Asking<Q>
  readonly #onWrong: (from: ProcessId) => void
  readonly #open = new Map<number, OpenCall<Q, A>>()
  /** Members that said in their session that they serve. */
  readonly #serving = new Set<ProcessId>()
  #last = 0

  /** @param onWrong is told who answers another question than the one it was asked */
  constructor(
    env: Environment,
    messages: Pick<Messages<Q>, 'encode'>,
    port: Asking<Q>,
    onWrong: (from: ProcessId) => void
  ) {
    this.#env = env
    this.#messages = messages
    this.#port = port
    this.#onWrong = onWrong
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * @param judge - is given the answers of each member until one of them is right, or the call ends
   * @param whom - those that are asked at once, and nobody else before `ask` says so; default: all members
   */
  begin(question: (call: CallId) => Q, judge: Judge<A>, whom?: readonly ProcessId[]): Call {
    const number = ++this.#last
    const asked = whom && new Set<ProcessId>()
    const answered = new Set<ProcessId>()
    const message = question({ life: this.#env.incarnation, number })
    this.#open.set(number, { message, question: this.answering(message).question, asked, answered, judge })
    const ask = (member: ProcessId) => {
      asked?.add(member)
      this.#port.send(member, message)
    }
    if (whom === undefined) this.#port.sendAll(message)
    else for (const member of whom) ask(member)
    return {
      get answered() {
        return answered.size
      },
      ask,
      again: () => {
        const members = [...answered]
        answered.clear()
        for (const member of members) ask(member)
      },
      end: () => void this.#open.delete(number)
    }
  }

  /** What this process's answer to the question of another is headed by. */
  answering(question: Q): Answered {
    return answering(this.#env, this.#messages, question)
  }

  answer(from: ProcessId, answer: A): void {
    const { life, number, question } = answer.call
    const call = life === this.#env.incarnation ? this.#open.get(number) : undefined
    if (call === undefined || !wasAsked(call, from) || call.answered.has(from)) return
    if (!sameBytes(question, call.question)) {
      this.#onWrong(from)
      return
    }
    call.answered.add(from)
    if (!call.judge(from, answer)) call.answered.delete(from)
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

  /** For `state()`: the numbers of the open calls, with who has answered, and who was asked if not all were. */
  state(): readonly OpenCallState[] {
    return [...this.#open].map(([call, { asked, answered }]) => ({
      call,
      ...(asked === undefined ? {} : { asked: inOrder(asked) }),
      answered: inOrder(answered)
    }))
  }

  /** Asks a member what it has not answered. It caused that, by its session, so it counts in its budget. */
  #askAgain(peer: ProcessId): void {
    for (const call of this.#open.values())
      if (wasAsked(call, peer) && !call.answered.has(peer)) this.#port.answer(peer, call.message)
  }
}

const wasAsked = ({ asked }: Pick<OpenCall<never, never>, 'asked'>, member: ProcessId): boolean =>
  asked?.has(member) ?? true

const inOrder = (members: ReadonlySet<ProcessId>): readonly ProcessId[] => [...members].sort((a, b) => a - b)
