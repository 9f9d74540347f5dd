/**
 * The registers that the key-value store is made of: one for each key, with one writer or several, and values of any
 * size up to BODY_BYTES_MAX. Where readers want no more than regular registers, they write nothing back.
 *
 *     upon Write(v), v longer than valueBytesMax:  store v in chunks; Write(its reference); drop the chunks
 *
 * A writer has the body on its own disk until the write is complete, so that its next life can finish it.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { type BodyReference, encodeReference } from '../exchange/body.ts'
import { BODY_BYTES_MAX } from '../exchange/constants.ts'
import type { OpenOperation, ReadOperation, WriteOperation } from '../exchange/operation.ts'
import { Slots } from '../exchange/slots.ts'
import { AuthenticatedDataSharedRegister } from './authenticated-data-shared-register.ts'
import type { AuthenticatedStorage } from './authenticated-storage.ts'
import { BodyRead } from './body-read.ts'
import {
  BODY_READS_OPEN_MAX,
  BODY_WRITES_OPEN_MAX,
  type RegisterOptions,
  registerBounds
} from './constants.ts'
import type { Refusal, RegisterId, RegisterIndications, WriteResult } from './register.ts'
import type { RegisterBodies } from './register-bodies.ts'
import type { Found } from './register-client.ts'
import type { Content } from './signed-register.ts'
import { CONTENT, referenceIn, type SignedValue } from './signed-value.ts'
import { WrittenBodies } from './written-bodies.ts'

/** What reads promise (Lamport 1986). */
export type Consistency = 'regular' | 'atomic'

export class KeyRegisters extends AuthenticatedDataSharedRegister {
  readonly #consistency: Consistency
  readonly #wholeBytesMax: number
  readonly #bodies: RegisterBodies
  readonly #written: WrittenBodies
  readonly #reads = new Slots(BODY_READS_OPEN_MAX)
  readonly #writes = new Slots(BODY_WRITES_OPEN_MAX)

  constructor(
    env: Environment,
    path: string,
    storage: AuthenticatedStorage,
    bodies: RegisterBodies,
    options: RegisterOptions & { readonly consistency?: Consistency },
    indications: RegisterIndications
  ) {
    super(env, path, storage, options, indications)
    this.#consistency = options.consistency ?? 'atomic'
    this.#wholeBytesMax = registerBounds(options).valueBytesMax
    this.#bodies = bodies
    this.#written = new WrittenBodies(env, this.store, bodies)
  }

  protected override get bytesMax(): number {
    return BODY_BYTES_MAX
  }

  override restore(): void {
    this.#written.restore((register, { root }) => {
      const reference = this.#unfinished(register)
      return reference !== undefined && sameBytes(reference.root, root)
    })
    for (const { register, value } of this.written.incomplete) {
      const reference = referenceIn(value)
      if (reference !== undefined) this.#written.offer(register, reference)
    }
    super.restore()
  }

  /** A regular read, whatever the others are: it writes nothing back. */
  readSignedRegular(register: RegisterId, returned: Found<SignedValue>): OpenOperation {
    return this.readValue(register, returned, (operation, found) =>
      this.#find(register, operation, false, found)
    )
  }

  /**
   * See {@link SignedRegister.readThenWrite}; atomic for a register that nobody else writes, and for no other.
   *
   * @throws InvalidParametersError, WindowFullError
   */
  update(
    register: RegisterId,
    value: Uint8Array,
    isExpected: (current: SignedValue | null, body?: Uint8Array) => boolean,
    returned: (result?: WriteResult) => void
  ): OpenOperation {
    this.requireLength(value)
    const content = { content: CONTENT.value, value }
    return this.readThenWrite(
      register,
      (current, body) => (isExpected(current, body) ? content : undefined),
      returned
    )
  }

  protected override perform(
    register: RegisterId,
    writer: number,
    content: Content,
    operation: Pick<WriteOperation, 'moved'>,
    finished: (result: WriteResult) => void
  ): void {
    if (content.value.length <= this.#wholeBytesMax) {
      super.perform(register, writer, content, operation, finished)
      return
    }
    this.#writes.take(() =>
      this.#written.store(register, content.value, (reference) => {
        this.#written.offer(register, reference, (bytes, total) => operation.moved(bytes, total))
        const inPlace = { content: CONTENT.body, value: encodeReference(reference) }
        super.perform(register, writer, inPlace, operation, (result) => {
          this.#writes.release()
          if (result.written) operation.moved(content.value.length, content.value.length)
          finished(result)
        })
      })
    )
  }

  protected override propagate(
    register: RegisterId,
    value: SignedValue,
    returned: (refusal?: Refusal) => void
  ): void {
    super.propagate(register, value, (refusal) => {
      const reference = referenceIn(value)
      // Complete: nobody needs this process's body any more.
      if (reference !== undefined) this.#written.drop(register, reference)
      returned(refusal)
    })
  }

  protected override find(register: RegisterId, operation: ReadOperation, found: Found<SignedValue>): void {
    this.#find(register, operation, this.#consistency === 'atomic', found)
  }

  #find(
    register: RegisterId,
    operation: ReadOperation,
    writesBack: boolean,
    found: Found<SignedValue>
  ): void {
    const read = new BodyRead({
      env: this.env,
      storage: this.storage,
      bodies: this.#bodies,
      offers: this.#written,
      slots: this.#reads,
      register,
      writesBack,
      progress: (bytes, total) => operation.moved(bytes, total),
      found
    })
    operation.awaits({ end: () => read.end() })
    read.begin()
  }

  /** The body of the write of an earlier life that has to be finished. */
  #unfinished(register: RegisterId): BodyReference | undefined {
    const written = this.written.last(register)
    return written === undefined || written.complete ? undefined : referenceIn(written.value)
  }
}
