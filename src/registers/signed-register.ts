/**
 * What the signed registers have in common, beside what all clients of registers do (register-client.ts): a value is
 * signed before it leaves. How timestamps are found, and what a reader does with the answers of a quorum, is each
 * register's own.
 */
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { bool, record } from '../core/shapes.ts'
import type { AuthenticatedStorage } from './authenticated-storage.ts'
import type { RegisterOptions } from './constants.ts'
import {
  type OpenOperation,
  type ReadResult,
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  registerShape,
  requireRegister,
  type WriteResult
} from './register.ts'
import { RegisterClient } from './register-client.ts'
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
  readSigned(register: RegisterId, returned: (value: SignedValue | null) => void): OpenOperation {
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
    requireRegister(register)
    const { signer } = this.storage
    const writer = signer.ownIndex(register)
    if (writer === undefined)
      throw new InvalidParametersError(`register: this process is no writer of ${register.name}`)
    const signed = (timestamp: number) => signer.sign(register, { timestamp, writer, ...content })
    return this.writeValue(register, content.value, signed, returned)
  }

  protected propagate(register: RegisterId, value: SignedValue, returned: (refusal?: Refusal) => void): void {
    this.storage.propagate(register, value, (refusal) => {
      this.written.complete(register)
      returned(refusal)
    })
  }

  protected findOwn(register: RegisterId, then: (isThere: boolean) => void): void {
    const writer = this.storage.signer.ownIndex(register)
    this.storage.query(register, (answers) =>
      then([...answers.values()].some((value) => value !== null && value.writer === writer))
    )
  }
}
