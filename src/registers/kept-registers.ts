/**
 * What a member keeps of each register: on disk and at hand, bounded for each owner. An owner is a list of writers:
 * whoever may write one of its registers spends its budget, and nobody else's.
 */
import { toHex } from '../core/bytes.ts'
import type { Group } from '../core/group.ts'
import { decode, encode, type Shape } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type RegisterOptions, registerBounds } from './constants.ts'
import { FairShares } from './fair-shares.ts'
import { firstAfter, type PageRequest } from './listing.ts'
import { keyIn, ownerKey, type Refusal, type RegisterId, registerKey, registerShape } from './register.ts'
import { keysOf, memoryOf } from './signer-budgets.ts'

/** In the order of their numbers on the wire. */
export const REFUSALS: readonly Refusal[] = [
  'too many registers',
  'too many bytes',
  'timestamp too high',
  'unknown writer',
  'body did not come'
]

/** What an answer to a write is; undefined: none. */
export function judgeWritten(
  answer: { readonly type: string; readonly reason?: number },
  acknowledgement = 'ACK'
): 'acknowledged' | Refusal | undefined {
  if (answer.type === acknowledgement) return 'acknowledged'
  return answer.type === 'REFUSED' ? REFUSALS[answer.reason ?? -1] : undefined
}

export type KeptRegister<V extends PlainValue> = { readonly register: RegisterId; readonly value: V }

/** Where values survive a crash. */
export interface Durable {
  readonly store: StableStore
  readonly hash: (bytes: Uint8Array) => Uint8Array
}

/** With its key in the store, which is a hash: made once. */
type Entry<V extends PlainValue> = KeptRegister<V> & { readonly storeKey: string }

/** What is kept for one list of writers. */
interface Owner {
  /** Of its registers, ascending. */
  readonly names: string[]
  bytes: number
  /** Room that is kept free, bytes. */
  reserved: number
}

const PREFIX = 'kept/'

export class KeptRegisters<V extends PlainValue> {
  readonly #durable: Durable | undefined
  readonly #shape: Shape<KeptRegister<V>>
  readonly #bytesOf: (value: V) => number
  readonly #bounds: Required<RegisterOptions>
  readonly #kept = new Map<string, Entry<V>>()
  readonly #owners = new Map<string, Owner>()
  /** Of all owners; undefined where the caller bounds that. */
  readonly #memory: FairShares | undefined

  /**
   * @param durable - undefined: nothing survives a crash
   * @param shape - of the records on disk
   * @param bytesOf - what a value counts in its owner's budget
   * @param group - whose processes share the memory; undefined: the caller bounds it
   */
  constructor(
    durable: Durable | undefined,
    shape: Shape<KeptRegister<V>>,
    bytesOf: (value: V) => number,
    options: RegisterOptions,
    group?: Group
  ) {
    this.#durable = durable
    this.#shape = shape
    this.#bytesOf = bytesOf
    this.#bounds = registerBounds(options)
    this.#memory = group && new FairShares(this.#bounds.registerMemoryBytesMax, keysOf(group))
    for (const [storeKey, encoded] of durable?.store.restored(PREFIX) ?? []) {
      const kept = decode(shape, encoded)
      if (kept !== undefined) this.#put({ ...kept, storeKey })
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

  /** Of an owner's registers, by name: what was asked for, and whether there are more. It costs what it returns. */
  slice(
    writers: RegisterId['writers'],
    { after, limit }: PageRequest
  ): { readonly entries: readonly (readonly [name: string, value: V])[]; readonly more: boolean } {
    const { names } = this.#owner(writers)
    const first = firstAfter(names, after)
    const owner = ownerKey(writers)
    const entries = names
      .slice(first, first + limit)
      .map((name) => [name, this.#kept.get(keyIn(owner, name))?.value as V] as const)
    return { entries, more: first + limit < names.length }
  }

  /** Room for so many bytes of an owner is kept free, or no longer. */
  reserve(writers: RegisterId['writers'], bytes: number): void {
    const owner = this.#owner(writers)
    owner.reserved += bytes
    // Lists of writers are invented at no cost: one that keeps nothing leaves nothing.
    if (owner.names.length === 0 && owner.reserved === 0) this.#owners.delete(ownerKey(writers))
    else this.#owners.set(ownerKey(writers), owner)
  }

  /** Why the value cannot take the place of what is here. @param grows - how many bytes more are needed for it */
  refusal(register: RegisterId, value: V, grows = this.#growth(register, value)): Refusal | undefined {
    const { names, bytes, reserved } = this.#owner(register.writers)
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    const isNew = this.get(register) === undefined
    if (isNew && names.length >= registersPerOwnerMax) return 'too many registers'
    const memory = grows + (isNew ? memoryOf(register, 0) : 0)
    const isFull =
      (grows > 0 && bytes + reserved + grows > registerBytesPerOwnerMax) ||
      (memory > 0 && this.#memory?.hasRoom(ownerKey(register.writers), memory) === false)
    return isFull ? 'too many bytes' : undefined
  }

  /** In place of what is here. @returns why not, if it is not */
  put(register: RegisterId, value: V): Refusal | undefined {
    const refusal = this.refusal(register, value)
    if (refusal === undefined) this.replace(register, value)
    return refusal
  }

  /** Keeps `value` in place of the present one. The caller has found that `refusal` gives no reason against it. */
  replace(register: RegisterId, value: V): void {
    const storeKey = this.#kept.get(registerKey(register))?.storeKey ?? this.#storeKey(register)
    this.#put({ register, value, storeKey })
    this.#durable?.store.put(PREFIX + storeKey, encode(this.#shape, { register, value }))
  }

  #growth(register: RegisterId, value: V): number {
    const own = this.get(register)
    return this.#bytesOf(value) - (own === undefined ? 0 : this.#bytesOf(own))
  }

  #storeKey(register: RegisterId): string {
    return this.#durable === undefined ? '' : toHex(this.#durable.hash(encode(registerShape, register)))
  }

  #put(kept: Entry<V>): void {
    const { writers, name } = kept.register
    const owner = this.#owner(writers)
    const isNew = this.get(kept.register) === undefined
    const grows = this.#growth(kept.register, kept.value)
    if (isNew) owner.names.splice(firstAfter(owner.names, name), 0, name)
    owner.bytes += grows
    this.#owners.set(ownerKey(writers), owner)
    this.#memory?.take(ownerKey(writers), grows + (isNew ? memoryOf(kept.register, 0) : 0))
    this.#kept.set(registerKey(kept.register), kept)
  }

  #owner(writers: RegisterId['writers']): Owner {
    return this.#owners.get(ownerKey(writers)) ?? { names: [], bytes: 0, reserved: 0 }
  }
}
