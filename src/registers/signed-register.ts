/**
 * What the signed registers have in common, beside what all clients of registers do (register-client.ts): a value is
 * signed before it leaves. How timestamps are found, and what a reader does with the answers of a quorum, is each
 * register's own.
 */
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { bool, record } from '../core/shapes.ts'
import type { OpenOperation, WriteOperation } from '../exchange/operation.ts'
import type { AuthenticatedStorage } from './authenticated-storage.ts'
import type { RegisterOptions } from './constants.ts'
import {
  type ReadResult,
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  registerShape,
  requireRegister,
  type WriteResult
} from './register.ts'
import { type Found, RegisterClient } from './register-client.ts'
import { CONTENT, type SignedValue, signedValueShape } from './signed-value.ts'

/** What a reader is told of a value. */
export const resultOf = (value: SignedValue | null): ReadResult => ({
  value: value?.content === CONTENT.value ? value.value : null,
  timestamp: value?.timestamp ?? 0
})

/** What is written, without whose and when. */
export type Content = Pick<SignedValue, 'content' | 'value'>

const writtenShape = record({ register: registerShape, value: signedValueShape, complete: bool })

export abstract class SignedRegister extends RegisterClient<SignedValue> implements RegisterRequests {
  protected readonly storage: AuthenticatedStorage

  constructor(
    env: Environment,
    path: string,
    storage: AuthenticatedStorage,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, writtenShape, options, indications)
    this.storage = storage
  }

  read(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation {
    return this.readSigned(register, (value) => returned(resultOf(value)))
  }

  /** As `read`, with the signature: whoever is shown the value can verify it. */
  readSigned(register: RegisterId, returned: Found<SignedValue>): OpenOperation {
    return this.readValue(register, returned)
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
    const perform = (operation: WriteOperation, finished: (result: WriteResult) => void) =>
      this.perform(register, writer, content, operation, finished)
    return this.writeValue(register, content.value, perform, returned)
  }

  /**
   * Reads, and writes what `decide` makes of that, unless it makes nothing: in one turn, so that no other operation of
   * this process comes in between.
   */
  protected readThenWrite(
    register: RegisterId,
    decide: (current: SignedValue | null, body?: Uint8Array) => Content | undefined,
    returned: (result?: WriteResult) => void
  ): OpenOperation {
    const writer = this.#requireWriter(register)
    return this.takeTurn('read-then-write', register, (operation) =>
      this.find(register, operation, (current, body) => {
        if (operation.over) return
        const content = decide(current, body)
        const finished = (result?: WriteResult) => {
          operation.finish()
          this.env.whenDurable(() => returned(result))
        }
        if (content === undefined) return finished()
        operation.mustEnd()
        this.perform(register, writer, content, operation, finished)
      })
    )
  }

  /** A write whose turn has come; `operation` is told how its value moves. */
  protected perform(
    register: RegisterId,
    writer: number,
    content: Content,
    _operation: Pick<WriteOperation, 'moved'>,
    finished: (result: WriteResult) => void
  ): void {
    const signed = (timestamp: number) =>
      this.storage.signer.sign(register, { timestamp, writer, ...content })
    this.writeAt(register, signed, finished)
  }

  protected propagate(register: RegisterId, value: SignedValue, returned: (refusal?: Refusal) => void): void {
    this.storage.propagate(register, value, (refusal) => {
      this.written.complete(register)
      returned(refusal)
    })
  }

  #requireWriter(register: RegisterId): number {
    requireRegister(register)
    const writer = this.storage.signer.ownIndex(register)
    if (writer === undefined)
      throw new InvalidParametersError(`register: this process is no writer of ${register.name}`)
    return writer
  }

  protected findOwn(register: RegisterId, then: (isThere: boolean) => void): void {
    const writer = this.storage.signer.ownIndex(register)
    this.storage.query(register, (answers) =>
      then([...answers.values()].some((value) => value !== null && value.writer === writer))
    )
  }
}
