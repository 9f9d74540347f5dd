/**
 * The values that a member keeps: of each register the highest that it was shown, on disk and at hand, bounded for each
 * owner. An owner is a list of writers: whoever may write one of its registers spends its budget, and nobody else's.
 */
import { toHex } from '../core/bytes.ts'
import type { Evidence } from '../core/fault.ts'
import { decode, encode, record } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type RegisterOptions, registerBounds } from './constants.ts'
import { firstAfter, type Page, type PageRequest } from './listing.ts'
import { ownerKey, type Refusal, type RegisterId, registerKey, registerShape } from './register.ts'
import {
  compareSigned,
  referenceIn,
  type SignedHeader,
  type SignedValue,
  sameWrite,
  signedValueShape,
  type ValueSigner
} from './signed-value.ts'

/** In the order of their numbers on the wire. */
export const REFUSALS: readonly Refusal[] = ['too many registers', 'too many bytes', 'timestamp too high']

const keptShape = record({ register: registerShape, value: signedValueShape })

export interface KeptValue {
  readonly register: RegisterId
  readonly value: SignedValue
}

/** What a member makes of a value that it is shown. */
export type Verdict =
  /** It is here now, or was already, or a higher one is. */
  | { readonly type: 'kept'; readonly news: boolean; readonly equivocation?: Evidence | undefined }
  /** It would be kept, if it were shown. */
  | { readonly type: 'wanted'; readonly equivocation?: Evidence | undefined }
  | { readonly type: 'invalid' }
  | { readonly type: 'refused'; readonly refusal: Refusal }

/** What is kept for one list of writers. */
interface Owner {
  /** Of its registers, ascending. */
  readonly names: string[]
  bytes: number
  /** Of bodies that are on their way here. */
  reserved: number
}

const PREFIX = 'kept/'

/** What a value takes of its owner's bytes: its own, or its body's. */
const weightOf = (value: SignedValue | null): number => referenceIn(value)?.size ?? value?.value.length ?? 0

export class KeptValues {
  readonly #store: StableStore
  readonly #signer: ValueSigner
  readonly #bounds: Required<RegisterOptions>
  readonly #hash: (bytes: Uint8Array) => Uint8Array
  readonly #kept = new Map<string, KeptValue>()
  readonly #owners = new Map<string, Owner>()
  /** Headers that were asked for: each value is hashed for them once. */
  readonly #headers = new WeakMap<SignedValue, SignedHeader>()

  constructor(
    store: StableStore,
    signer: ValueSigner,
    hash: (bytes: Uint8Array) => Uint8Array,
    options: RegisterOptions
  ) {
    this.#store = store
    this.#signer = signer
    this.#hash = hash
    this.#bounds = registerBounds(options)
    for (const [, encoded] of store.restored(PREFIX)) {
      const kept = decode(keptShape, encoded)
      if (kept !== undefined) this.#put(registerKey(kept.register), kept)
    }
  }

  get size(): number {
    return this.#kept.size
  }

  get(register: RegisterId): SignedValue | null {
    return this.#kept.get(registerKey(register))?.value ?? null
  }

  /** The registers of an owner, deleted ones too. */
  page(writers: RegisterId['writers'], { after, limit }: PageRequest): Page {
    const { names } = this.#owner(writers)
    const first = firstAfter(names, after)
    const entries = names
      .slice(first, first + limit)
      .map((name) => ({ name, header: this.#headerOf({ writers, name }) }))
    return { entries, more: first + limit < names.length }
  }

  /** As {@link judge}, and keeps what is wanted. */
  show(register: RegisterId, value: SignedValue): Exclude<Verdict, { type: 'wanted' }> {
    const verdict = this.judge(register, value)
    if (verdict.type !== 'wanted') return verdict
    this.#put(registerKey(register), { register, value })
    this.#store.put(
      PREFIX + toHex(this.#hash(encode(registerShape, register))),
      encode(keptShape, { register, value })
    )
    return { type: 'kept', news: true, equivocation: verdict.equivocation }
  }

  /** Room for so many bytes of an owner's bodies is kept free, or no longer. */
  reserve(writers: RegisterId['writers'], bytes: number): void {
    const owner = this.#owner(writers)
    owner.reserved += bytes
    this.#owners.set(ownerKey(writers), owner)
  }

  /** Verifies at most one signature: of what is higher than what is here, or contradicts it. */
  judge(register: RegisterId, value: SignedValue): Verdict {
    const own = this.get(register)
    if (own !== null && (value.timestamp < own.timestamp || sameWrite(own, value)))
      return { type: 'kept', news: false }
    if (value.value.length > this.#bounds.valueBytesMax || !this.#signer.verify(register, value))
      return { type: 'invalid' }
    const equivocation = own === null ? undefined : this.#signer.equivocation(register, own, value)
    if (compareSigned(value, own) < 0) return { type: 'kept', news: false, equivocation }
    const refusal = this.#refusal(register, own, value)
    return refusal === undefined ? { type: 'wanted', equivocation } : { type: 'refused', refusal }
  }

  state(): PlainValue {
    return [...this.#kept.values()].map(({ register, value }) => ({ register: register.name, ...value }))
  }

  #refusal(register: RegisterId, own: SignedValue | null, value: SignedValue): Refusal | undefined {
    const { names, bytes, reserved } = this.#owner(register.writers)
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    if (own === null && names.length >= registersPerOwnerMax) return 'too many registers'
    // While a body is on its way, the one that it will replace is still there.
    const body = referenceIn(value)
    const grows = body === undefined ? weightOf(value) - weightOf(own) : body.size
    return grows > 0 && bytes + reserved + grows > registerBytesPerOwnerMax ? 'too many bytes' : undefined
  }

  #put(key: string, kept: KeptValue): void {
    const { writers, name } = kept.register
    const owner = this.#owner(writers)
    const before = this.#kept.get(key)
    if (before === undefined) owner.names.splice(firstAfter(owner.names, name), 0, name)
    owner.bytes += weightOf(kept.value) - weightOf(before?.value ?? null)
    this.#owners.set(ownerKey(writers), owner)
    this.#kept.set(key, kept)
  }

  #owner(writers: RegisterId['writers']): Owner {
    return this.#owners.get(ownerKey(writers)) ?? { names: [], bytes: 0, reserved: 0 }
  }

  #headerOf(register: RegisterId): SignedHeader {
    const { value } = this.#kept.get(registerKey(register)) as KeptValue
    const header = this.#headers.get(value) ?? this.#signer.headerOf(value)
    this.#headers.set(value, header)
    return header
  }
}
