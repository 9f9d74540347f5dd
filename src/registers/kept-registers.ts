/**
 * What a member keeps of each register: on disk and at hand, bounded for each owner. An owner is a list of writers:
 * whoever may write one of its registers spends its budget, and nobody else's.
 */
import { toHex } from '../core/bytes.ts'
import { decode, encode, type Shape } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type RegisterOptions, registerBounds } from './constants.ts'
import { ownerKey, type Refusal, type RegisterId, registerKey, registerShape } from './register.ts'

/** In the order of their numbers on the wire. */
export const REFUSALS: readonly Refusal[] = ['too many registers', 'too many bytes', 'timestamp too high']

export type KeptRegister<V extends PlainValue> = { readonly register: RegisterId; readonly value: V }

/** Where values survive a crash. */
export interface Durable {
  readonly store: StableStore
  readonly hash: (bytes: Uint8Array) => Uint8Array
}

/** With its key in the store, which is a hash: made once. */
type Entry<V extends PlainValue> = KeptRegister<V> & { readonly storeKey: string }

interface Usage {
  registers: number
  bytes: number
}

const PREFIX = 'kept/'

export class KeptRegisters<V extends PlainValue> {
  readonly #durable: Durable | undefined
  readonly #shape: Shape<KeptRegister<V>>
  readonly #bytesOf: (value: V) => number
  readonly #bounds: Required<RegisterOptions>
  readonly #kept = new Map<string, Entry<V>>()
  readonly #usage = new Map<string, Usage>()

  /**
   * @param durable - undefined: nothing survives a crash
   * @param shape - of the records on disk
   * @param bytesOf - what a value counts in its owner's budget
   */
  constructor(
    durable: Durable | undefined,
    shape: Shape<KeptRegister<V>>,
    bytesOf: (value: V) => number,
    options: RegisterOptions
  ) {
    this.#durable = durable
    this.#shape = shape
    this.#bytesOf = bytesOf
    this.#bounds = registerBounds(options)
    for (const [storeKey, encoded] of durable?.store.restored(PREFIX) ?? []) {
      const kept = decode(shape, encoded)
      if (kept !== undefined) this.#put(registerKey(kept.register), { ...kept, storeKey })
    }
  }

  get size(): number {
    return this.#kept.size
  }

  get(register: RegisterId): V | undefined {
    return this.#kept.get(registerKey(register))?.value
  }

  /** In no order that means anything. */
  values(): Iterable<KeptRegister<V>> {
    return this.#kept.values()
  }

  /** In place of what is here. @returns why not, if it is not */
  put(register: RegisterId, value: V): Refusal | undefined {
    const key = registerKey(register)
    const own = this.#kept.get(key)
    const refusal = this.#refusal(register, own?.value, value)
    if (refusal !== undefined) return refusal
    const storeKey = own?.storeKey ?? this.#storeKey(register)
    this.#put(key, { register, value, storeKey })
    this.#durable?.store.put(PREFIX + storeKey, encode(this.#shape, { register, value }))
    return undefined
  }

  #refusal(register: RegisterId, own: V | undefined, value: V): Refusal | undefined {
    const { registers, bytes } = this.#usage.get(ownerKey(register.writers)) ?? { registers: 0, bytes: 0 }
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    if (own === undefined && registers >= registersPerOwnerMax) return 'too many registers'
    const grows = this.#bytesOf(value) - (own === undefined ? 0 : this.#bytesOf(own))
    return grows > 0 && bytes + grows > registerBytesPerOwnerMax ? 'too many bytes' : undefined
  }

  #storeKey(register: RegisterId): string {
    return this.#durable === undefined ? '' : toHex(this.#durable.hash(encode(registerShape, register)))
  }

  #put(key: string, kept: Entry<V>): void {
    const owner = ownerKey(kept.register.writers)
    const usage = this.#usage.get(owner) ?? { registers: 0, bytes: 0 }
    const before = this.#kept.get(key)
    if (before === undefined) usage.registers++
    usage.bytes += this.#bytesOf(kept.value) - (before === undefined ? 0 : this.#bytesOf(before.value))
    this.#usage.set(owner, usage)
    this.#kept.set(key, kept)
  }
}
