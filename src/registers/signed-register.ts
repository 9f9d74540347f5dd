/**
 * What the signed registers have in common: how a writer writes, and that operations on one register take turns. How
 * timestamps are found, and what a reader does with the answers of a quorum, is each register's own.
 *
 * Value and timestamp are signed and durable before they leave, and a write that a crash interrupted is finished by the
 * next life (see written-values.ts). A writer whose store knows nothing of a register asks a quorum before it writes for
 * the first time: finding a value of its own there, it has lost its store, and does not write under that key again.
 */
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { PlainValue } from '../core/trace.ts'
import type { AuthenticatedStorage } from './authenticated-storage.ts'
import { type RegisterOptions, registerBounds } from './constants.ts'
import { ReadOperation } from './operation.ts'
import type {
  OpenOperation,
  ReadResult,
  RegisterId,
  RegisterIndications,
  RegisterRequests,
  WriteResult
} from './register.ts'
import { CONTENT, type SignedValue } from './signed-value.ts'
import { Turns } from './turns.ts'
import { WrittenValues } from './written-values.ts'

/** What is written, without whose and when. */
export type Content = Pick<SignedValue, 'content' | 'value'>

/** What a read is told; the body is there if the value is a reference to one. */
export type Found = (value: SignedValue | null, body?: Uint8Array) => void

export abstract class SignedRegister extends Component<RegisterIndications> implements RegisterRequests {
  protected readonly storage: AuthenticatedStorage
  protected readonly written: WrittenValues
  readonly #turns = new Turns()
  readonly #valueBytesMax: number
  #resuming = 0

  constructor(
    env: Environment,
    path: string,
    storage: AuthenticatedStorage,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, indications)
    this.storage = storage
    this.written = new WrittenValues(this.store, env.crypto.hash)
    this.#valueBytesMax = registerBounds(options).valueBytesMax
  }

  /** Finds what the read returns, by calls that `operation` awaits; with its body, if it has one. */
  protected abstract find(register: RegisterId, operation: ReadOperation, found: Found): void

  /** The timestamp of the next write of this process. */
  protected abstract nextTimestamp(register: RegisterId, next: (timestamp: number) => void): void

  /** The longest value that can be written, bytes. */
  protected get bytesMax(): number {
    return this.#valueBytesMax
  }

  /** How many writes of an earlier life are being finished. */
  get resuming(): number {
    return this.#resuming
  }

  /** Finishes the writes that an earlier life had begun. */
  restore(): void {
    const { incomplete } = this.written
    this.#resuming = incomplete.length
    for (const { register, value } of incomplete) {
      this.env.observer.landmark('write-resumed')
      this.#turns.take(register, (done) =>
        this.#propagate(register, value, () => {
          this.#resuming--
          this.indicate.resumed(register, value.value)
          done()
        })
      )
    }
  }

  read(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation {
    return this.readSigned(register, (value) =>
      returned({
        value: value?.content === CONTENT.value ? value.value : null,
        timestamp: value?.timestamp ?? 0
      })
    )
  }

  /** As `read`, with the signature: whoever is shown the value can verify it. */
  readSigned(register: RegisterId, returned: Found): OpenOperation {
    this.#turns.admit()
    const operation = new ReadOperation()
    const found: Found = (value, body) => {
      if (operation.over) return
      operation.finish()
      this.env.whenDurable(() => returned(value, body))
    }
    this.request('read', [register.name], () =>
      this.#turns.take(register, (done) => {
        operation.begin(done)
        if (!operation.over) this.find(register, operation, found)
      })
    )
    return operation
  }

  write(register: RegisterId, value: Uint8Array, returned: (result: WriteResult) => void): OpenOperation {
    return this.writeContent(register, { content: CONTENT.value, value }, returned)
  }

  writeContent(
    register: RegisterId,
    content: Content,
    returned: (result: WriteResult) => void
  ): OpenOperation {
    const writer = this.#requireWriter(register)
    this.requireLength(content.value)
    this.#turns.admit()
    this.request('write', [register.name, content.value], () =>
      this.#turns.take(register, (done) =>
        this.perform(register, writer, content, (result) => {
          done()
          this.env.whenDurable(() => returned(result))
        })
      )
    )
    // Once begun, a write is finished, whoever still waits for it: the next one must not overtake it.
    return { abandon() {} }
  }

  /**
   * Reads, and writes what `decide` makes of that, unless it makes nothing: in one turn, so that no other operation of this
   * process comes in between.
   */
  protected readThenWrite(
    register: RegisterId,
    decide: (current: SignedValue | null, body?: Uint8Array) => Content | undefined,
    returned: (result?: WriteResult) => void
  ): OpenOperation {
    const writer = this.#requireWriter(register)
    this.#turns.admit()
    const operation = new ReadOperation()
    const decided: Found = (current, body) => {
      if (operation.over) return
      const content = decide(current, body)
      const finished = (result?: WriteResult) => {
        operation.finish()
        this.env.whenDurable(() => returned(result))
      }
      if (content === undefined) return finished()
      operation.keep()
      this.perform(register, writer, content, finished)
    }
    this.request('read-then-write', [register.name], () =>
      this.#turns.take(register, (done) => {
        operation.begin(done)
        if (!operation.over) this.find(register, operation, decided)
      })
    )
    return operation
  }

  state(): PlainValue {
    return {
      open: this.#turns.open,
      incomplete: this.written.incomplete.map(({ register }) => register.name)
    }
  }

  /** @throws InvalidParametersError */
  protected requireLength({ length }: Uint8Array): void {
    if (length > this.bytesMax)
      throw new InvalidParametersError(`value: at most ${this.bytesMax} bytes, not ${length}`)
  }

  #requireWriter(register: RegisterId): number {
    const writer = this.storage.signer.ownIndex(register)
    if (writer === undefined)
      throw new InvalidParametersError(`register: this process is no writer of ${register.name}`)
    return writer
  }

  /** A write whose turn has come. */
  protected perform(
    register: RegisterId,
    writer: number,
    content: Content,
    finished: (result: WriteResult) => void
  ): void {
    this.#requireOwnStore(register, writer, (isLost) => {
      if (isLost) return finished({ written: false, refusal: 'store lost' })
      this.nextTimestamp(register, (timestamp) => {
        if (timestamp > Number.MAX_SAFE_INTEGER)
          return finished({ written: false, refusal: 'timestamp too high' })
        const value = this.storage.signer.sign(register, { timestamp, writer, ...content })
        this.written.begin(register, value)
        this.#propagate(register, value, finished)
      })
    })
  }

  #propagate(register: RegisterId, value: SignedValue, finished: (result: WriteResult) => void): void {
    this.storage.propagate(register, value, (refusal) => {
      this.written.complete(register)
      finished(
        refusal === undefined ? { written: true, timestamp: value.timestamp } : { written: false, refusal }
      )
    })
  }

  /** Asks a quorum, unless the store knows the register, or is one that has lost nothing. */
  #requireOwnStore(register: RegisterId, writer: number, then: (isLost: boolean) => void): void {
    if (!this.env.fresh || this.written.last(register) !== undefined) then(false)
    else
      this.storage.query(register, (answers) =>
        then([...answers.values()].some((value) => value !== null && value.writer === writer))
      )
  }
}
