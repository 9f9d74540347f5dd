/**
 * What the registers without signatures have in common. One class is replica and client at once, as in the book: it
 * keeps registers if its process is a member, and reads and writes them for its application.
 *
 * Nobody can prove to another what a writer wrote. So a member takes a value from its writer alone, whom links
 * authenticate, and a register has one writer: two would not know of each other's timestamps. A member serves
 * when it may (serving.ts).
 */
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { FaultKind } from '../core/fault.ts'
import { isMember, type ProcessId, publicKeyOf } from '../core/group.ts'
import type { Message, Messages } from '../core/messages.ts'
import { bool, record } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { type Answered, type CallId, OTHER_QUESTION, type Question, type Reply } from '../exchange/call-id.ts'
import { type Call, Calls, type Judge } from '../exchange/calls.ts'
import { gather } from '../exchange/gather.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { ReadOperation } from '../exchange/operation.ts'
import { Serving } from '../exchange/serving.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { type Claim, type ClaimedValue, claimedShape } from './claim.ts'
import { type RegisterOptions, registerTerms } from './constants.ts'
import {
  mayWrite,
  type ReadResult,
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  registerShape,
  type WriteResult
} from './register.ts'
import { RegisterClient } from './register-client.ts'

const writtenShape = record({ register: registerShape, value: claimedShape(), complete: bool })

export abstract class UnsignedRegister<M extends Message, Q extends M & Question, A extends M & Reply>
  extends RegisterClient<ClaimedValue>
  implements RegisterRequests
{
  readonly #port: Port<M>
  readonly #calls: Calls<Q, A>
  readonly #serving: Serving

  /** @param serving - tells whoever has asked in vain that this member serves from now on */
  protected constructor(
    env: Environment,
    path: string,
    ports: Ports,
    messages: Messages<M>,
    serving: M,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, writtenShape, options, indications)
    this.#serving = new Serving(env.group, (asked) => this.#port.answer(asked, serving))
    this.#port = ports.open(
      path,
      messages,
      { deliver: (from, message) => this.onMessage(from, message), resync: (peer) => this.#onResync(peer) },
      { audience: 'everybody', terms: registerTerms(options) }
    )
    this.#calls = new Calls<Q, A>(env, messages, this.#port, (from) => this.lie(from, OTHER_QUESTION))
  }

  protected abstract onMessage(from: ProcessId, message: M): void

  read(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation {
    this.#requireOneWriter(register)
    return this.readValue(register, (found) =>
      returned({ value: found?.value ?? null, timestamp: found?.timestamp ?? 0 })
    )
  }

  write(register: RegisterId, value: Uint8Array, returned: (result: WriteResult) => void): OpenOperation {
    this.#requireOneWriter(register)
    if (!this.#isWriter(this.env.self, register))
      throw new InvalidParametersError(`register: this process is not the writer of ${register.name}`)
    return this.writeValue(
      register,
      value,
      (_, finished) => this.writeAt(register, (timestamp) => ({ timestamp, value }), finished),
      returned
    )
  }

  override state(): PlainValue {
    return { serves: this.#serving.mayServe, calls: this.#calls.state(), operations: super.state() }
  }

  protected nextTimestamp(register: RegisterId, next: (timestamp: number) => void): void {
    next((this.written.last(register)?.value.timestamp ?? 0) + 1)
  }

  protected findOwn(register: RegisterId, then: (isThere: boolean) => void): void {
    this.find(register, new ReadOperation(), (value) => then(value !== null))
  }

  protected answer(to: ProcessId, message: M): void {
    if (message.type === 'REFUSED') this.#port.charge(to, WORK_US.refusal)
    this.#port.answer(to, message)
  }

  /** Asks every member. */
  protected ask(question: (call: CallId) => Q, judge: Judge<A>): Call {
    return this.#calls.begin(question, judge)
  }

  /** What an answer to the question of another is headed by. */
  protected answering(question: Q): Answered {
    return this.#calls.answering(question)
  }

  /**
   * Asks every member, until `quorum` of them have acknowledged, or so many refuse that they never will.
   * @param judge - what an answer is; undefined: none that a correct member gives
   */
  protected gather(
    quorum: number,
    question: (call: CallId) => Q,
    judge: (answer: A) => 'acknowledged' | Refusal | undefined,
    then: (refusal?: Refusal) => void
  ): void {
    const wrong = (from: ProcessId) => this.lie(from, OTHER_QUESTION)
    gather(this.#calls, { question, quorum, of: this.env.group.n, judge, wrong, returned: then })
  }

  protected onAnswer(from: ProcessId, answer: A): void {
    if (this.#isFromMember(from, answer)) this.#calls.answer(from, answer)
  }

  protected onServing(from: ProcessId, message: M): void {
    if (this.#isFromMember(from, message)) this.#calls.serving(from)
  }

  /** Whether this process answers `from` about the register now. */
  protected serves(from: ProcessId, register: RegisterId): boolean {
    if (!isMember(this.env.group, this.env.self)) this.lie(from, 'asks a client')
    else if (register.writers.length !== 1) this.lie(from, 'asks for a register that has not one writer')
    else return this.#serving.admits(from)
    return false
  }

  /** Whether this process takes the value from `from`: from the writer alone. */
  protected takes(from: ProcessId, register: RegisterId, { timestamp }: ClaimedValue): boolean {
    if (!this.serves(from, register)) return false
    if (!this.#isWriter(from, register)) {
      this.env.observer.landmark('foreign-write-refused')
      this.lie(from, `writes ${register.name}, whose writer it is not`)
    } else if (timestamp === 0) this.lie(from, 'writes at the timestamp of the initial value')
    else return true
    return false
  }

  /** Tells what was claimed beside what is returned. */
  protected outvote(claims: Iterable<Claim>, { name, timestamp }: Claim): void {
    for (const claim of claims) {
      if (claim.timestamp < timestamp) this.env.observer.landmark('stale-answer-outvoted')
      else if (claim.name !== name) this.env.observer.landmark('false-answer-outvoted')
    }
  }

  /** @returns that it is nothing that a correct process says */
  protected lie(process: ProcessId, detail: string, kind: FaultKind = 'protocol-violation'): false {
    this.env.observer.fault({ process, kind, certainty: 'certain', detail })
    return false
  }

  #onResync(peer: ProcessId): void {
    this.#calls.resync(peer)
    this.#serving.sessionWith(peer)
  }

  #isFromMember(from: ProcessId, { type }: M): boolean {
    const isFromMember = isMember(this.env.group, from)
    if (!isFromMember) this.lie(from, `is no member, and sends ${type}`)
    return isFromMember
  }

  #isWriter(process: ProcessId, register: RegisterId): boolean {
    const publicKey = publicKeyOf(this.env.group, process)
    return publicKey !== undefined && mayWrite(register, publicKey)
  }

  #requireOneWriter({ writers, name }: RegisterId): void {
    if (writers.length !== 1)
      throw new InvalidParametersError(`register: ${name} has ${writers.length} writers, and may have one`)
  }
}
