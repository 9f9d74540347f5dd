/**
 * Byzantine (1,N) safe register by a masking quorum, without signatures (CGR11 Module 4.5, Algorithm 4.14; Malkhi and
 * Reiter 1998).
 *
 * Properties, for a correct writer and correct readers:
 * - *termination*: if at most f members are faulty, every operation of a correct client returns;
 * - *validity*: a read that is concurrent with no write returns the last value written; any other may return any value
 *   (here: one that was written, or the initial one). A write that a crash interrupted, or that was refused, is
 *   concurrent with every read until it, or the next one, is complete.
 *
 *     upon Write(v):                 wts := wts + 1; send WRITE(wts, v) to all; WriteReturn at > (n+2f)/2 ACKs
 *     upon WRITE(ts', v') from w:    if ts' > ts: (ts, val) := (ts', v'); send ACK(ts')
 *     upon Read:                     rid := rid + 1; send READ(rid) to all
 *     upon READ(r):                  send VALUE(r, ts, val)
 *     upon > (n+2f)/2 VALUEs of rid: return byzhighestval: the highest of those that more than f members gave alike;
 *                                    if there is none, the initial value
 *
 * Why: a read quorum and the quorum of the last write share more than 2f members, so more than f correct ones, who give
 * its value alike if nothing higher is being written; and what more than f give, a correct one gives.
 *
 * Model: fail-arbitrary, n > 4f members; readers may be faulty in any number. If the writer is faulty, a read may
 * return the initial value for ever; other registers do not suffer.
 * Cost: 2n messages and one round trip each; no signatures.
 * Space: one value for each register, at each member and at the writer, durable at both; bounded for each writer.
 *
 * What the algorithm of the book leaves open: acknowledgements and answers say what they answer
 * (call-id.ts), value and register included, so that an ACK needs no timestamp; members that
 * have no room refuse; who writes must be the register's writer by its key.
 */
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { optional, record, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { answeredShape, callShape } from '../exchange/call-id.ts'
import type { Call } from '../exchange/calls.ts'
import type { ReadOperation } from '../exchange/operation.ts'
import type { Ports } from '../links/ports.ts'
import {
  type Claim,
  type ClaimedValue,
  claimedShape,
  claimOf,
  contradict,
  highestClaim,
  isPossible,
  vouched
} from './claim.ts'
import { type RegisterOptions, registerBounds } from './constants.ts'
import { judgeWritten, KeptRegisters, REFUSALS } from './kept-registers.ts'
import { type Refusal, type RegisterId, type RegisterIndications, registerShape } from './register.ts'
import { UnsignedRegister } from './unsigned-register.ts'

export function maskingQuorumMessages(valueBytesMax: number) {
  const value = claimedShape(valueBytesMax)
  return defineMessages(
    {
      READ: [0, { call: callShape, register: registerShape }],
      VALUE: [1, { call: answeredShape, value: optional(value) }],
      WRITE: [2, { call: callShape, register: registerShape, value }],
      ACK: [3, { call: answeredShape }],
      REFUSED: [4, { call: answeredShape, reason: uint(REFUSALS.length - 1) }],
      /** To whoever has asked in vain: this member serves from now on. */
      SERVING: [5, {}]
    },
    {
      READ: { role: 'request', call: 'call' },
      VALUE: { role: 'answer', call: 'call', content: 'value' },
      WRITE: { role: 'request', call: 'call' },
      ACK: { role: 'answer', call: 'call' },
      REFUSED: { role: 'answer', call: 'call' }
    }
  )
}

type MaskingQuorumMessage = MessageOf<ReturnType<typeof maskingQuorumMessages>>
type Read = Extract<MaskingQuorumMessage, { type: 'READ' }>
type Write = Extract<MaskingQuorumMessage, { type: 'WRITE' }>
type Answer = Extract<MaskingQuorumMessage, { type: 'VALUE' | 'ACK' | 'REFUSED' }>

const keptShape = record({ register: registerShape, value: claimedShape() })

export class MaskingQuorumRegister extends UnsignedRegister<MaskingQuorumMessage, Read | Write, Answer> {
  readonly #kept: KeptRegisters<ClaimedValue>

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    const messages = maskingQuorumMessages(registerBounds(options).valueBytesMax)
    super(env, path, ports, messages, { type: 'SERVING' }, options, indications)
    this.#kept = new KeptRegisters(
      { store: this.store, hash: env.crypto.hash },
      keptShape,
      ({ value }) => value.length,
      options,
      env.group
    )
  }

  override state(): PlainValue {
    const kept = [...this.#kept.values()].map(({ register, value }) => ({
      register: register.name,
      ...value
    }))
    return { kept, client: super.state() }
  }

  protected onMessage(from: ProcessId, message: MaskingQuorumMessage): void {
    switch (message.type) {
      case 'READ':
        if (this.serves(from, message.register)) this.#onRead(from, message)
        break
      case 'WRITE':
        if (this.takes(from, message.register, message.value)) this.#onWrite(from, message)
        break
      case 'SERVING':
        this.onServing(from, message)
        break
      default:
        this.onAnswer(from, message)
    }
  }

  #onRead(from: ProcessId, question: Read): void {
    const value = this.#kept.get(question.register) ?? null
    this.answer(from, { type: 'VALUE', call: this.answering(question), value })
  }

  /** What its writer writes. */
  #onWrite(from: ProcessId, question: Write): void {
    const { register, value } = question
    const { timestamp } = value
    const own = this.#kept.get(register)
    if (contradict(own, value)) {
      this.lie(from, `writes two values of ${register.name} at one timestamp`, 'equivocation')
      return
    }
    const refusal = timestamp > (own?.timestamp ?? 0) ? this.#kept.put(register, value) : undefined
    const call = this.answering(question)
    if (refusal === undefined) this.answer(from, { type: 'ACK', call })
    else this.answer(from, { type: 'REFUSED', call, reason: REFUSALS.indexOf(refusal) })
  }

  protected propagate(
    register: RegisterId,
    value: ClaimedValue,
    returned: (refusal?: Refusal) => void
  ): void {
    this.gather(
      this.env.group.quorum.masking,
      (call) => ({ type: 'WRITE', call, register, value }),
      judgeWritten,
      (refusal) => {
        this.written.complete(register)
        returned(refusal)
      }
    )
  }

  protected find(
    register: RegisterId,
    operation: ReadOperation,
    found: (value: ClaimedValue | null) => void
  ): void {
    const { group, crypto } = this.env
    const { masking, oneCorrect } = group.quorum
    const answers: Claim[] = []
    const call: Call = this.ask(
      (id) => ({ type: 'READ', call: id, register }),
      (from, answer) => {
        if (answer.type !== 'VALUE' || !isPossible(answer.value))
          return this.lie(from, 'answers a READ with what is no value')
        answers.push(claimOf(answer.value, crypto.hash))
        if (answers.length < masking) return true
        call.end()
        const alike = vouched(
          answers.map((claim) => [claim]),
          oneCorrect
        )
        const top = highestClaim(alike) ?? claimOf(null, crypto.hash)
        this.outvote(answers, top)
        found(top.value)
        return true
      }
    )
    operation.awaits(call)
  }
}
