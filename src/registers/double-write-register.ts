/**
 * Byzantine (1,N) regular register by writing twice, without signatures (CGR11 Module 4.6, Algorithms 4.16 and 4.17
 * "Double-Write Byzantine Regular Register").
 *
 * Properties, for a correct writer and correct readers:
 * - *termination*: if at most f members are faulty, every write of a correct client returns, and every read that is
 *   concurrent with finitely many writes (finite-write termination);
 * - *validity*: a read that is concurrent with no write returns the last value written; one that is concurrent with
 *   writes returns that, or a value that is being written. A write that a crash interrupted, or that was refused, is
 *   concurrent with every read until it, or the next one, is complete.
 *
 *     upon Write(v):                    wts := wts + 1; send PREWRITE(wts, v) to all
 *     upon PREWRITE(ts', v') from w:    if ts' > pts: (pts, pval) := (ts', v'); send PREACK(ts')
 *     upon a quorum of PREACKs:         send WRITE(wts, v) to all
 *     upon WRITE(ts', v') from w:       if ts' > ts: (ts, val) := (ts', v'); send ACK(ts')
 *     upon a quorum of ACKs:            WriteReturn
 *     upon Read:                        rid := rid + 1; send READ(rid) to all
 *     upon READ(r):                     send VALUE(r, pts, pval, ts, val)
 *     upon VALUE of rid:                if some (ts, v) is authentic and selected: return v, the highest such;
 *                                       else, when others had their time, ask those again that have answered
 *
 * (ts, v) is *authentic* if more than f members answer with it, in either place; *selected* if a quorum of members have
 * nothing above it in the second place. A quorum is more than (n+f)/2 members; of each, its last answer counts.
 *
 * Why it is valid: a correct member is among those who make (ts, v) authentic, so it was written. A correct member is
 * in the quorum that selects it and in that of the last complete write; it has nothing above (ts, v), so this is no
 * older.
 * Why it ends: let T be the highest that a correct member has in its second place. Its writer sent PREWRITE(T) to a
 * quorum first, of which more than f are correct; it prewrites nothing else before T is written to a quorum. So more
 * than f correct members have T, in the first place or in the second: T is authentic. And all n - f correct members
 * select T, once they have answered after the last write stopped; faulty ones can only add what is authentic too.
 *
 * Model: fail-arbitrary, n > 3f members; readers may be faulty in any number. If the writer is faulty, reads of its
 * registers need not end, nor agree; other registers do not suffer.
 * Cost: a write 4n messages and two round trips; a read 2n and one, and as many again whenever it asks again; no
 * signatures. An answer has two values.
 * Space: two values for each register at each member, one at the writer, durable at both; bounded for each writer.
 * A reader asks again at most once in READ_AGAIN_MS or in the time that all members take to answer, so liars cannot
 * hurry it, and it waits for none of them.
 *
 * What the algorithm of the book leaves open: a session may end, so a member may miss a PREWRITE, or a whole write; it
 * takes any higher timestamp, and a WRITE stands for its PREWRITE. A write that members have no room for is refused
 * before its second part; else it is finished before the next one. Acknowledgements and answers say what they answer
 * (call-id.ts), so that they need no timestamp. A reader of the book asks each member again as soon as
 * it answers.
 */
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { optional, record, uint, type ValueOf } from '../core/shapes.ts'
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
import {
  DOUBLE_WRITE_VALUE_BYTES_MAX,
  READ_AGAIN_MS,
  type RegisterOptions,
  registerBounds
} from './constants.ts'
import { judgeWritten, KeptRegisters, REFUSALS } from './kept-registers.ts'
import { type Refusal, type RegisterId, type RegisterIndications, registerShape } from './register.ts'
import { UnsignedRegister } from './unsigned-register.ts'

export function doubleWriteMessages(valueBytesMax: number) {
  const value = claimedShape(valueBytesMax)
  return defineMessages(
    {
      READ: [0, { call: callShape, register: registerShape }],
      VALUE: [1, { call: answeredShape, prewritten: optional(value), written: optional(value) }],
      PREWRITE: [2, { call: callShape, register: registerShape, value }],
      PREACK: [3, { call: answeredShape }],
      WRITE: [4, { call: callShape, register: registerShape, value }],
      ACK: [5, { call: answeredShape }],
      REFUSED: [6, { call: answeredShape, reason: uint(REFUSALS.length - 1) }],
      /** To whoever has asked in vain: this member serves from now on. */
      SERVING: [7, {}]
    },
    {
      READ: { role: 'request', call: 'call' },
      VALUE: { role: 'answer', call: 'call', content: 'written' },
      PREWRITE: { role: 'request', call: 'call' },
      PREACK: { role: 'answer', call: 'call' },
      WRITE: { role: 'request', call: 'call' },
      ACK: { role: 'answer', call: 'call' },
      REFUSED: { role: 'answer', call: 'call' }
    }
  )
}

type DoubleWriteMessage = MessageOf<ReturnType<typeof doubleWriteMessages>>
type Read = Extract<DoubleWriteMessage, { type: 'READ' }>
type Write = Extract<DoubleWriteMessage, { type: 'PREWRITE' | 'WRITE' }>
type Reply = Extract<DoubleWriteMessage, { type: 'VALUE' | 'PREACK' | 'ACK' | 'REFUSED' }>

/** What a member has: (pts, pval) and (ts, val). The first is never below the second. */
const pairShape = record({ prewritten: claimedShape(), written: optional(claimedShape()) })
type Pair = ValueOf<typeof pairShape>

const keptShape = record({ register: registerShape, value: pairShape })

/** What a member has prewritten needs no more room when it is written: whoever takes the one takes the other. */
const bytesOf = ({ prewritten, written }: Pair) =>
  prewritten.value.length + Math.max(prewritten.value.length, written?.value.length ?? 0)

interface Answer {
  readonly prewritten: Claim
  readonly written: Claim
}

/** The highest (ts, v) that is authentic and selected. */
export function selected(answers: readonly Answer[], vouchers: number, quorum: number): Claim | undefined {
  const authentic = vouched(
    answers.map(({ prewritten, written }) => [prewritten, written]),
    vouchers
  )
  const isSelected = ({ timestamp, name }: Claim) =>
    answers.filter(({ written }) => written.timestamp < timestamp || written.name === name).length >= quorum
  return highestClaim(authentic.filter(isSelected))
}

export class DoubleWriteRegister extends UnsignedRegister<DoubleWriteMessage, Read | Write, Reply> {
  readonly #kept: KeptRegisters<Pair>

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    const { valueBytesMax } = registerBounds(options)
    if (valueBytesMax > DOUBLE_WRITE_VALUE_BYTES_MAX)
      throw new InvalidParametersError(
        `valueBytesMax: at most ${DOUBLE_WRITE_VALUE_BYTES_MAX} bytes, not ${valueBytesMax}: an answer has two values`
      )
    super(env, path, ports, doubleWriteMessages(valueBytesMax), { type: 'SERVING' }, options, indications)
    this.#kept = new KeptRegisters(
      { store: this.store, hash: env.crypto.hash },
      keptShape,
      bytesOf,
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

  protected onMessage(from: ProcessId, message: DoubleWriteMessage): void {
    switch (message.type) {
      case 'READ':
        if (this.serves(from, message.register)) this.#onRead(from, message)
        break
      case 'PREWRITE':
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
    const { prewritten = null, written = null } = this.#kept.get(question.register) ?? {}
    this.answer(from, { type: 'VALUE', call: this.answering(question), prewritten, written })
  }

  /** What its writer prewrites or writes. */
  #onWrite(from: ProcessId, question: Write): void {
    const { type, register, value } = question
    const { timestamp } = value
    const own = this.#kept.get(register)
    if (contradict(own?.prewritten, value) || contradict(own?.written, value)) {
      this.lie(from, `writes two values of ${register.name} at one timestamp`, 'equivocation')
      return
    }
    const prewritten = timestamp > (own?.prewritten.timestamp ?? 0) ? value : own?.prewritten
    const isWritten = type === 'WRITE' && timestamp > (own?.written?.timestamp ?? 0)
    const written = isWritten ? value : (own?.written ?? null)
    const isNews = prewritten !== own?.prewritten || isWritten
    const refusal =
      isNews && prewritten !== undefined ? this.#kept.put(register, { prewritten, written }) : undefined
    const call = this.answering(question)
    if (refusal !== undefined) this.answer(from, { type: 'REFUSED', call, reason: REFUSALS.indexOf(refusal) })
    else this.answer(from, { type: type === 'PREWRITE' ? 'PREACK' : 'ACK', call })
  }

  protected propagate(
    register: RegisterId,
    value: ClaimedValue,
    returned: (refusal?: Refusal) => void
  ): void {
    this.#gather('PREWRITE', register, value, (refusedBefore) => {
      if (refusedBefore !== undefined) {
        this.written.complete(register)
        return returned(refusedBefore)
      }
      this.#gather('WRITE', register, value, (refusal) => {
        // Some have it now and others have not: the next write must not hide it from readers, and finishes it first.
        if (refusal === undefined) this.written.complete(register)
        returned(refusal)
      })
    })
  }

  #gather(
    type: Write['type'],
    register: RegisterId,
    value: ClaimedValue,
    then: (refusal?: Refusal) => void
  ): void {
    this.gather(
      this.env.group.quorum.byzantine,
      (call) => ({ type, call, register, value }),
      (answer) => judgeWritten(answer, type === 'PREWRITE' ? 'PREACK' : 'ACK'),
      then
    )
  }

  protected find(
    register: RegisterId,
    operation: ReadOperation,
    found: (value: ClaimedValue | null) => void
  ): void {
    const { group, clock, observer } = this.env
    const { oneCorrect, byzantine, available } = group.quorum
    const answers = new Map<ProcessId, Answer>()
    let timer: Timer | undefined
    const again = () => {
      timer?.cancel()
      timer = undefined
      observer.landmark('read-asked-again')
      call.again()
    }
    const call: Call = this.ask(
      (id) => ({ type: 'READ', call: id, register }),
      (from, message) => {
        const answer = this.#answerOf(from, message)
        if (answer === undefined) return false
        answers.set(from, answer)
        const top = selected([...answers.values()], oneCorrect, byzantine)
        if (top !== undefined) {
          end()
          this.#outvote([...answers.values()], top)
          found(top.value)
        } else if (call.answered === group.n) again()
        else if (call.answered >= available) timer ??= clock.setTimer(READ_AGAIN_MS, again)
        return true
      }
    )
    const end = () => {
      timer?.cancel()
      call.end()
    }
    operation.awaits({ end })
  }

  #outvote(answers: readonly Answer[], top: Claim): void {
    this.outvote(
      answers.flatMap(({ prewritten, written }) =>
        prewritten.timestamp > top.timestamp ? [prewritten, written] : [written]
      ),
      top
    )
  }

  /** Undefined if no correct member gives this one. */
  #answerOf(from: ProcessId, message: DoubleWriteMessage): Answer | undefined {
    const { hash } = this.env.crypto
    if (message.type === 'VALUE' && isPossible(message.prewritten) && isPossible(message.written)) {
      const prewritten = claimOf(message.prewritten, hash)
      const written = claimOf(message.written, hash)
      if (prewritten.timestamp > written.timestamp || prewritten.name === written.name)
        return { prewritten, written }
    }
    this.lie(from, 'answers a READ with what no member has')
    return undefined
  }
}
