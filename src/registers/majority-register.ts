/**
 * What the registers by majorities have in common (CGR11 4.2 to 4.5): the part of the members, and how a client asks a
 * majority of them. What a write and a read are made of is each algorithm's own, and told in its file.
 *
 *     upon [READ, r] from p:          send [VALUE, r, (ts, wr), val] to p
 *     upon [WRITE, r, (ts', wr'), v'] from p:
 *                                     if (ts', wr') > (ts, wr) then ((ts, wr), val) := ((ts', wr'), v')
 *                                     send [ACK, r] to p, in any case: whoever has a higher value has this one's
 *                                     successor
 *
 * r is the call, with the life in which it was begun, which answers carry: a late answer to an earlier call counts for
 * no other. Of a member the first answer counts.
 *
 * And the read that returns the highest of a majority's values, which the regular registers share:
 *
 *     upon Read:                      send [READ, r] to all; upon a majority of VALUEs to it: return the highest
 *
 * Processes trust each other, but an operation does not go wrong by mistake: a member takes a WRITE from the writer
 * that it names alone; what readers write back comes as IMPOSE.
 *
 * Space: at a member the highest value of each register, bounded for each owner; at a client its open calls.
 */

import { sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId, publicKeyOf } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { CRASH_STOP, type Needs } from '../core/model.ts'
import { optional, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { answeredShape, callShape, OTHER_QUESTION } from '../exchange/call-id.ts'
import { type Call, Calls } from '../exchange/calls.ts'
import { gather } from '../exchange/gather.ts'
import type { ReadOperation } from '../exchange/operation.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { type RegisterOptions, registerTerms } from './constants.ts'
import { type Durable, judgeWritten, REFUSALS } from './kept-registers.ts'
import { MemberValues } from './member-values.ts'
import {
  type ReadResult,
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  registerProblem,
  registerShape
} from './register.ts'
import {
  compareTimestamped,
  highestTimestamped,
  readResult,
  type TimestampedValue,
  timestampedValueShape
} from './timestamped-value.ts'
import { TurnTakingRegister } from './turn-taking-register.ts'

export const majorityMessages = defineMessages(
  {
    READ: [0, { call: callShape, register: registerShape }],
    VALUE: [1, { call: answeredShape, value: optional(timestampedValueShape) }],
    WRITE: [2, { call: callShape, register: registerShape, value: timestampedValueShape }],
    /** What a reader found, so that others find it too. */
    IMPOSE: [3, { call: callShape, register: registerShape, value: timestampedValueShape }],
    ACK: [4, { call: answeredShape }],
    REFUSED: [5, { call: answeredShape, reason: uint(REFUSALS.length - 1) }]
  },
  {
    READ: { role: 'request', call: 'call' },
    VALUE: { role: 'answer', call: 'call', content: 'value' },
    WRITE: { role: 'request', call: 'call' },
    IMPOSE: { role: 'request', call: 'call' },
    ACK: { role: 'answer', call: 'call' },
    REFUSED: { role: 'answer', call: 'call' }
  }
)

type MajorityMessage = MessageOf<typeof majorityMessages>
type Request = Extract<MajorityMessage, { type: 'READ' | 'WRITE' | 'IMPOSE' }>
type Answer = Exclude<MajorityMessage, Request>

/** What a majority of the members answered. */
export type MajorityAnswers = ReadonlyMap<ProcessId, TimestampedValue | null>

export abstract class MajorityRegister extends TurnTakingRegister {
  static override readonly needs: Needs = CRASH_STOP
  readonly #port: Port<MajorityMessage>
  readonly #calls: Calls<Request, Answer>
  readonly #values: MemberValues

  /** @param isDurable - whether what a member keeps survives a crash */
  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: RegisterOptions,
    indications: RegisterIndications,
    isDurable = false
  ) {
    super(env, path, options, indications)
    const durable: Durable = { store: this.store, hash: env.crypto.hash }
    this.#values = new MemberValues(env.group, options, isDurable ? durable : undefined)
    this.#port = ports.open(
      path,
      majorityMessages,
      {
        deliver: (from, message) => this.#onMessage(from, message),
        resync: (peer) => this.#calls.resync(peer)
      },
      { audience: 'everybody', terms: registerTerms(options) }
    )
    this.#calls = new Calls<Request, Answer>(env, majorityMessages, this.#port, (from) =>
      this.#misuse(from, OTHER_QUESTION)
    )
  }

  protected override startRead(
    register: RegisterId,
    operation: ReadOperation,
    found: (result: ReadResult) => void
  ): void {
    operation.awaits(
      this.query(register, (answers) => {
        const top = highestTimestamped(answers.values())
        if ([...answers.values()].some((value) => compareTimestamped(value, top) < 0))
          this.env.observer.landmark('stale-answer-outvoted')
        found(readResult(top))
      })
    )
  }

  /** @param answered - is told, once, what a majority keeps */
  protected query(register: RegisterId, answered: (answers: MajorityAnswers) => void): Call {
    const answers = new Map<ProcessId, TimestampedValue | null>()
    const call: Call = this.#calls.begin(
      (id) => ({ type: 'READ', call: id, register }),
      (from, answer) => {
        if (answer.type !== 'VALUE') return this.#misuse(from, `answers READ: ${answer.type}`)
        answers.set(from, answer.value)
        if (answers.size < this.env.group.quorum.majority) return true
        call.end()
        answered(answers)
        return true
      }
    )
    return call
  }

  /** @param returned - is told, once, that a majority has the value or a higher one, or why that will not be */
  protected propagate(
    type: 'WRITE' | 'IMPOSE',
    register: RegisterId,
    value: TimestampedValue,
    returned: (refusal?: Refusal) => void
  ): Pick<Call, 'end'> {
    return gather<Request, Answer, Refusal>(this.#calls, {
      question: (call) => ({ type, call, register, value }),
      quorum: this.env.group.quorum.majority,
      of: this.env.group.n,
      judge: judgeWritten,
      wrong: (from, answer) => this.#misuse(from, `answers ${type}: ${answer.type}`),
      returned
    })
  }

  /** How many writes of an earlier life are being finished. */
  get resuming(): number {
    return 0
  }

  restore(): void {}

  state(): PlainValue {
    return { open: this.turns.open, kept: this.#values.state(), calls: this.#calls.state() }
  }

  #onMessage(from: ProcessId, message: MajorityMessage): void {
    const { group, self } = this.env
    const isRequest = message.type === 'READ' || message.type === 'WRITE' || message.type === 'IMPOSE'
    // Members serve, and nobody else does.
    if (!isMember(group, isRequest ? self : from))
      this.#misuse(from, `takes a client for a member: ${message.type}`)
    else if (isRequest) this.#onRequest(from, message)
    else this.#calls.answer(from, message)
  }

  #onRequest(from: ProcessId, message: Request): void {
    const { register } = message
    const problem = registerProblem(register)
    if (problem !== undefined) {
      this.#misuse(from, `${problem}: ${message.type}`)
      return
    }
    if (message.type === 'READ') {
      const call = this.#calls.answering(message)
      this.#port.answer(from, { type: 'VALUE', call, value: this.#values.get(register) })
      return
    }
    const { value } = message
    if (!this.#mayBring(from, message)) {
      this.#misuse(from, `is not the writer: ${message.type}`)
      return
    }
    const refusal = this.#values.show(register, value)
    if (refusal !== undefined) this.#port.charge(from, WORK_US.refusal)
    const call = this.#calls.answering(message)
    this.#port.answer(
      from,
      refusal === undefined
        ? { type: 'ACK', call }
        : { type: 'REFUSED', call, reason: REFUSALS.indexOf(refusal) }
    )
  }

  #mayBring(from: ProcessId, { type, register, value }: Exclude<Request, { type: 'READ' }>): boolean {
    const writer = register.writers[value.writer]
    const own = publicKeyOf(this.env.group, from)
    if (writer === undefined) return false
    return type === 'IMPOSE' || (own !== undefined && sameBytes(own, writer))
  }

  /** @returns that it is nothing that a correct process says */
  #misuse(process: ProcessId, detail: string): false {
    this.env.observer.fault({ process, kind: 'protocol-violation', certainty: 'certain', detail })
    return false
  }
}
