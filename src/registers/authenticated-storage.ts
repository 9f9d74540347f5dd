/**
 * What the signed registers stand on: members that keep, for each register, the highest signed value that they were
 * shown; and three calls of a client, each one round trip to a Byzantine quorum.
 *
 * - *query*: the valid answers, to this call, of more than (n+f)/2 distinct members;
 * - *propagate*: a signed value is with more than (n+f)/2 distinct members, or at higher values;
 * - *list*: a page of an owner's registers, of each of more than (n+f)/2 distinct members; see listing.ts.
 *
 * Properties, among correct processes:
 * - *termination*: if at most f members are faulty, a call returns;
 * - *authenticity*: what is answered was signed by a writer of the register, or is the initial value;
 * - *visibility*: a query that begins after a propagation has returned answers with its value, or with a higher one, at
 *   least once: two Byzantine quorums share a correct member.
 *
 * Model: fail-arbitrary, n > 3f; clients may be faulty in any number, writers of other registers too.
 * Cost: 2n messages a call; a member verifies at most one signature and writes at most one record for each value; a
 * client verifies each distinct answer once.
 * Space: at a member, the highest value of each register, bounded for each owner (those who may write it), and for each
 * signer whom the group knows; nobody else's values are kept.
 * Durable: what a member acknowledged, before it does.
 *
 * A reference to a body is kept, acknowledged and shown once its body is here (kept-bodies.ts).
 *
 * An answer that is not valid is not counted, and its member is named: members verify before they store, so a correct
 * one has none to give. Of members, those serve who may (serving.ts).
 *
 * Source: CGR11 4.7, Algorithm 4.15 "Authenticated-Data Byzantine Quorum", taken apart: its timestamps, and what a
 * reader does with the answers, are the registers' own.
 */

import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { Evidence, FaultKind } from '../core/fault.ts'
import { isMember, type ProcessId, processOf } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import type { Needs } from '../core/model.ts'
import { optional, text, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { type Answered, answeredShape, callShape, OTHER_QUESTION } from '../exchange/call-id.ts'
import { type Call, Calls } from '../exchange/calls.ts'
import { gather } from '../exchange/gather.ts'
import { Serving } from '../exchange/serving.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import {
  LIST_ENTRIES_MAX,
  LISTED_KEY_US,
  REGISTER_NAME_CHARACTERS_MAX,
  type RegisterOptions,
  registerTerms
} from './constants.ts'
import { KeptBodies } from './kept-bodies.ts'
import { judgeWritten, REFUSALS } from './kept-registers.ts'
import { KeptValues, type Verdict } from './kept-values.ts'
import { type Page, type PageRequest, pageFields, pageProblem } from './listing.ts'
import {
  type Refusal,
  type RegisterId,
  registerProblem,
  registerShape,
  sameRegister,
  writersProblem,
  writersShape
} from './register.ts'
import type { RegisterBodies } from './register-bodies.ts'
import { CONTENT, type SignedValue, signedValueShape, ValueSigner } from './signed-value.ts'

export const storageMessages = defineMessages(
  {
    READ: [0, { call: callShape, register: registerShape }],
    VALUE: [1, { call: answeredShape, register: registerShape, value: optional(signedValueShape) }],
    WRITE: [2, { call: callShape, register: registerShape, value: signedValueShape }],
    ACK: [3, { call: answeredShape }],
    REFUSED: [4, { call: answeredShape, reason: uint(REFUSALS.length - 1) }],
    /** To whoever has asked in vain: this member serves from now on. */
    SERVING: [5, {}],
    LIST: [
      6,
      {
        call: callShape,
        writers: writersShape,
        after: optional(text(REGISTER_NAME_CHARACTERS_MAX)),
        limit: uint(LIST_ENTRIES_MAX)
      }
    ],
    KEYS: [7, { call: answeredShape, ...pageFields }]
  },
  {
    READ: { role: 'request', call: 'call' },
    VALUE: { role: 'answer', call: 'call', subject: 'register', content: 'value' },
    WRITE: { role: 'request', call: 'call' },
    ACK: { role: 'answer', call: 'call' },
    REFUSED: { role: 'answer', call: 'call' },
    LIST: { role: 'request', call: 'call' },
    KEYS: { role: 'answer', call: 'call' }
  }
)

type StorageMessage = MessageOf<typeof storageMessages>

/** What a quorum of members answered: for each of them, the highest value it has. */
export type Answers = ReadonlyMap<ProcessId, SignedValue | null>

type Answer = Extract<StorageMessage, { type: 'VALUE' | 'ACK' | 'REFUSED' | 'KEYS' }>
type Request = Extract<StorageMessage, { type: 'READ' | 'WRITE' | 'LIST' }>

export class AuthenticatedStorage extends Component {
  static override readonly needs: Needs = { signatures: true }
  readonly signer: ValueSigner
  readonly #port: Port<StorageMessage>
  readonly #calls: Calls<Request, Answer>
  readonly #kept: KeptValues
  /** Undefined where values have no bodies. */
  readonly #bodies: KeptBodies | undefined
  readonly #serving: Serving

  /** @param bodies - of large values; without it there are none */
  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: RegisterOptions,
    bodies?: RegisterBodies
  ) {
    super(env, path, {})
    this.signer = new ValueSigner(env, path, options)
    this.#kept = new KeptValues(this.store, this.signer, env.crypto.hash, env.group, options)
    this.#bodies =
      bodies &&
      new KeptBodies(env, this.store, bodies, this.#kept, (to, call, verdict) =>
        this.#onVerdict(to, call, verdict)
      )
    this.#serving = new Serving(env.group, (asked) => this.#port.answer(asked, { type: 'SERVING' }))
    this.#port = ports.open(
      path,
      storageMessages,
      { deliver: (from, message) => this.#onMessage(from, message), resync: (peer) => this.#onResync(peer) },
      { audience: 'everybody', terms: registerTerms(options) }
    )
    this.#calls = new Calls<Request, Answer>(env, storageMessages, this.#port, (from) =>
      this.#lie(from, OTHER_QUESTION)
    )
  }

  /** Goes on with what was stored; to be called once, in the process's first turn. */
  restore(): void {
    this.#bodies?.restore()
  }

  /** @param returned - is told, once, what a quorum answered */
  query(register: RegisterId, returned: (answers: Answers) => void): Call {
    let over = false
    const call = this.collect(register, (answers) => {
      if (over || answers.size < this.env.group.quorum.byzantine) return
      over = true
      call.end()
      returned(answers)
    })
    return call
  }

  /** @param told - of each valid answer, with all others so far; perhaps once more after the call was ended */
  collect(register: RegisterId, told: (answers: Answers) => void): Call {
    const answers = new Map<ProcessId, SignedValue | null>()
    return this.#calls.begin(
      (id) => ({ type: 'READ', call: id, register }),
      (from, answer) => {
        if (!this.#isAnswer(from, register, answer)) return false
        answers.set(from, answer.value)
        this.env.trigger(() => told(answers))
        return true
      }
    )
  }

  /** @param returned - is told, once, that a quorum has the value, or why so many refuse it that none will */
  propagate(
    register: RegisterId,
    value: SignedValue,
    returned: (refusal?: Refusal) => void
  ): Pick<Call, 'end'> {
    return gather<Request, Answer, Refusal>(this.#calls, {
      question: (call) => ({ type: 'WRITE', call, register, value }),
      quorum: this.env.group.quorum.byzantine,
      of: this.env.group.n,
      judge: judgeWritten,
      wrong: (from) => this.#lie(from, OTHER_QUESTION),
      returned: (refusal) => this.env.trigger(() => returned(refusal))
    })
  }

  /**
   * @param returned - is told, once, the pages of a quorum: of what an owner's registers are called, and their headers
   */
  list(
    writers: RegisterId['writers'],
    request: PageRequest,
    returned: (pages: readonly Page[]) => void
  ): Call {
    const pages: Page[] = []
    const call: Call = this.#calls.begin(
      (id) => ({ type: 'LIST', call: id, writers, ...request }),
      (from, answer) => {
        if (!this.#isPage(from, writers, request, answer)) return false
        pages.push(answer)
        if (pages.length < this.env.group.quorum.byzantine) return true
        call.end()
        this.env.trigger(() => returned(pages))
        return true
      }
    )
    return call
  }

  /** The highest value of a register that this member keeps itself. */
  kept(register: RegisterId): SignedValue | null {
    return this.#kept.get(register)
  }

  state(): PlainValue {
    return { serves: this.#serving.mayServe, kept: this.#kept.state(), calls: this.#calls.state() }
  }

  #onMessage(from: ProcessId, message: StorageMessage): void {
    if (message.type === 'READ' || message.type === 'WRITE' || message.type === 'LIST') {
      if (this.#serves(from)) this.#onRequest(from, message)
    } else if (!isMember(this.env.group, from)) {
      this.#lie(from, `is no member, and sends ${message.type}`)
    } else if (message.type === 'SERVING') {
      this.#calls.serving(from)
    } else {
      this.#calls.answer(from, message)
    }
  }

  /** Does what `from` causes, which counts what is verified and hashed for it; not if that was of use. */
  #causedBy<T>(from: ProcessId, act: () => T, isOfUse: (result: T) => boolean): T {
    const before = this.signer.workUs
    const result = act()
    const spentUs = this.signer.workUs - before
    this.#port.charge(from, spentUs)
    if (isOfUse(result)) this.#port.earn(from, spentUs)
    return result
  }

  #onRequest(from: ProcessId, message: Request): void {
    const problem =
      message.type === 'LIST' ? writersProblem(message.writers) : registerProblem(message.register)
    if (problem !== undefined) {
      this.#lie(from, `asks for a register with a wrong name: ${problem}`)
      return
    }
    const call = this.#calls.answering(message)
    if (message.type === 'READ') {
      const { register } = message
      this.#port.answer(from, { type: 'VALUE', call, register, value: this.#kept.get(register) })
    } else if (message.type === 'WRITE') {
      this.#onWrite(from, call, message)
    } else if (message.limit === 0) {
      this.#lie(from, 'asks for no keys')
    } else {
      const listed = () => this.#kept.page(message.writers, message)
      const page = this.#causedBy(from, listed, () => false)
      this.#port.charge(from, page.entries.length * LISTED_KEY_US)
      this.#port.answer(from, { type: 'KEYS', call, ...page })
    }
  }

  #onWrite(
    from: ProcessId,
    call: Answered,
    { register, value }: Extract<StorageMessage, { type: 'WRITE' }>
  ): void {
    const verdict = this.#causedBy(
      from,
      () =>
        value.content === CONTENT.body
          ? this.#writeBody(from, call, register, value)
          : this.#show(register, value),
      (judged) => judged?.type === 'kept' && judged.news
    )
    if (verdict === undefined) {
      this.#port.charge(from, WORK_US.body)
      return
    }
    if (verdict.type === 'invalid') {
      this.env.observer.landmark('invalid-write-refused')
      this.#fault(from, 'invalid-signature', `writes what no writer of ${register.name} has signed`)
      return
    }
    if (verdict.type === 'kept' && verdict.equivocation !== undefined)
      this.#equivocated(register, value.writer, verdict.equivocation)
    this.#onVerdict(from, call, verdict)
  }

  #show(register: RegisterId, value: SignedValue): Verdict {
    const before = this.#kept.get(register)
    const verdict = this.#kept.show(register, value)
    if (verdict.type === 'kept' && verdict.news) this.#bodies?.replaced(register, before)
    return verdict
  }

  /** @returns undefined while its body is on its way */
  #writeBody(from: ProcessId, call: Answered, register: RegisterId, value: SignedValue): Verdict | undefined {
    return this.#bodies === undefined ? { type: 'invalid' } : this.#bodies.write(from, call, register, value)
  }

  /** Where there are no bodies no member takes a reference, and a reader that did could not write it back. */
  #mayHold({ content }: SignedValue): boolean {
    return content !== CONTENT.body || this.#bodies !== undefined
  }

  #onVerdict(to: ProcessId, call: Answered, verdict: Verdict): void {
    if (verdict.type === 'refused') {
      this.#port.charge(to, WORK_US.refusal)
      this.#port.answer(to, { type: 'REFUSED', call, reason: REFUSALS.indexOf(verdict.refusal) })
    } else if (verdict.type === 'kept') this.#port.answer(to, { type: 'ACK', call })
  }

  #onResync(peer: ProcessId): void {
    this.#bodies?.forgetWhatWasAsked(peer)
    this.#calls.resync(peer)
    this.#serving.sessionWith(peer)
  }

  #serves(from: ProcessId): boolean {
    if (!isMember(this.env.group, this.env.self)) return this.#lie(from, 'asks a client')
    return this.#serving.admits(from)
  }

  /** Whether it is a valid answer to a READ of the register; who gives another one lies. */
  #isAnswer(
    from: ProcessId,
    register: RegisterId,
    answer: Answer
  ): answer is Extract<Answer, { type: 'VALUE' }> {
    if (answer.type !== 'VALUE' || !sameRegister(answer.register, register))
      return this.#lie(from, OTHER_QUESTION)
    const { value } = answer
    if (value === null) return true
    const isValid = () => this.#mayHold(value) && this.signer.verify(register, value)
    if (this.#causedBy(from, isValid, Boolean)) return true
    this.env.observer.landmark('forged-answer-rejected')
    return this.#fault(from, 'invalid-signature', `answers what no writer of ${register.name} has signed`)
  }

  /** Whether it is a valid answer to a LIST; who gives another one lies. */
  #isPage(
    from: ProcessId,
    writers: RegisterId['writers'],
    request: PageRequest,
    answer: Answer
  ): answer is Extract<Answer, { type: 'KEYS' }> {
    if (answer.type !== 'KEYS') return this.#lie(from, OTHER_QUESTION)
    const problem = pageProblem(answer, request)
    if (problem !== undefined) return this.#lie(from, problem)
    const invention = () =>
      answer.entries.find(({ name, header }) => !this.signer.verifyHeader({ writers, name }, header))
    const invented = this.#causedBy(from, invention, (found) => found === undefined)
    if (invented === undefined) return true
    this.env.observer.landmark('invented-key-rejected')
    return this.#fault(from, 'invalid-signature', `lists a key that no writer of ${invented.name} has signed`)
  }

  #equivocated(register: RegisterId, writer: number, evidence: Evidence): void {
    this.env.observer.landmark('writer-equivocation-seen')
    const publicKey = register.writers[writer] as Uint8Array
    const process = processOf(this.env.group, publicKey)
    // Whom this process does not know cannot be named by a number; nobody sends for them either.
    if (process === undefined) return
    const detail = `signed two values of ${register.name} at one timestamp`
    this.env.observer.fault({ process, kind: 'equivocation', certainty: 'proven', detail, evidence })
  }

  #lie(from: ProcessId, detail: string): false {
    return this.#fault(from, 'protocol-violation', detail)
  }

  /** @returns that it is nothing that a correct process says */
  #fault(process: ProcessId, kind: FaultKind, detail: string): false {
    this.env.observer.fault({ process, kind, certainty: 'certain', detail })
    return false
  }
}
