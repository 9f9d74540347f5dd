/**
 * What a writer remembers: of each register that it writes, its last value, signed, and whether its write is complete.
 *
 * Value and timestamp are durable before they leave. After a restart the write that was under way is finished with the
 * very same value: reading first and going on from there would not do, since a write that has reached only faulty or slow
 * members shows at no quorum, and its timestamp would be signed twice.
 */
import { toHex } from '../core/bytes.ts'
import { bool, decode, encode, record, type ValueOf } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import { type RegisterId, registerKey, registerShape } from './register.ts'
import { type SignedValue, signedValueShape } from './signed-value.ts'

const writtenShape = record({ register: registerShape, value: signedValueShape, complete: bool })

export type Written = ValueOf<typeof writtenShape>

const PREFIX = 'written/'

export class WrittenValues {
  readonly #store: StableStore
  readonly #hash: (bytes: Uint8Array) => Uint8Array
  readonly #written = new Map<string, Written>()

  constructor(store: StableStore, hash: (bytes: Uint8Array) => Uint8Array) {
    this.#store = store
    this.#hash = hash
    for (const [, encoded] of store.restored(PREFIX)) {
      const written = decode(writtenShape, encoded)
      if (written !== undefined) this.#written.set(registerKey(written.register), written)
    }
  }

  last(register: RegisterId): Written | undefined {
    return this.#written.get(registerKey(register))
  }

  get incomplete(): readonly Written[] {
    return [...this.#written.values()].filter(({ complete }) => !complete)
  }

  begin(register: RegisterId, value: SignedValue): void {
    this.#put({ register, value, complete: false })
  }

  complete(register: RegisterId): void {
    const written = this.last(register)
    if (written !== undefined) this.#put({ ...written, complete: true })
  }

  #put(written: Written): void {
    const { register } = written
    this.#written.set(registerKey(register), written)
    const key = toHex(this.#hash(encode(registerShape, register)))
    this.#store.put(PREFIX + key, encode(writtenShape, written))
  }
}
