/**
 * What a writer remembers: of each register that it writes, its last value, and whether its write is complete.
 *
 * Value and timestamp are durable before they leave. After a restart the write that was under way is finished with the
 * very same value: reading first and going on from there would not do, since a write that has reached only faulty or
 * slow members shows at no quorum, and its timestamp would be given twice.
 */
import { toHex } from '../core/bytes.ts'
import { decode, encode, type Shape } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type RegisterId, registerKey, registerShape } from './register.ts'

/** What is written at a timestamp. */
export type Timestamped = { readonly timestamp: number; readonly value: Uint8Array } & {
  readonly [field: string]: PlainValue
}

export type Written<V extends Timestamped> = {
  readonly register: RegisterId
  readonly value: V
  readonly complete: boolean
}

/** With its key in the store, which is a hash: made once. */
type Entry<V extends Timestamped> = Written<V> & { readonly storeKey: string }

const PREFIX = 'written/'

export class WrittenValues<V extends Timestamped> {
  readonly #store: StableStore
  readonly #hash: (bytes: Uint8Array) => Uint8Array
  readonly #shape: Shape<Written<V>>
  readonly #written = new Map<string, Entry<V>>()

  /** @param shape - of the records on disk */
  constructor(store: StableStore, hash: (bytes: Uint8Array) => Uint8Array, shape: Shape<Written<V>>) {
    this.#store = store
    this.#hash = hash
    this.#shape = shape
    for (const [storeKey, encoded] of store.restored(PREFIX)) {
      const written = decode(shape, encoded)
      if (written !== undefined) this.#written.set(registerKey(written.register), { ...written, storeKey })
    }
  }

  last(register: RegisterId): Written<V> | undefined {
    return this.#written.get(registerKey(register))
  }

  get incomplete(): readonly Written<V>[] {
    return [...this.#written.values()].filter(({ complete }) => !complete)
  }

  begin(register: RegisterId, value: V): void {
    this.#put({ register, value, complete: false })
  }

  complete(register: RegisterId): void {
    const written = this.last(register)
    if (written !== undefined) this.#put({ ...written, complete: true })
  }

  #put(written: Written<V>): void {
    const key = registerKey(written.register)
    const storeKey = this.#written.get(key)?.storeKey ?? this.#storeKey(written.register)
    this.#written.set(key, { ...written, storeKey })
    this.#store.put(PREFIX + storeKey, encode(this.#shape, written))
  }

  #storeKey(register: RegisterId): string {
    return toHex(this.#hash(encode(registerShape, register)))
  }
}
