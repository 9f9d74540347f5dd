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
  | { readonly type: 'invalid' }
  | { readonly type: 'refused'; readonly refusal: Refusal }

/** What is kept for one list of writers. */
interface Owner {
  /** Of its registers, ascending. */
  readonly names: string[]
  bytes: number
}

const PREFIX = 'kept/'

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

  /** Verifies at most one signature: of what is higher than what is here, or contradicts it. */
  show(register: RegisterId, value: SignedValue): Verdict {
    const key = registerKey(register)
    const own = this.#kept.get(key)?.value ?? null
    if (own !== null && (value.timestamp < own.timestamp || sameWrite(own, value)))
      return { type: 'kept', news: false }
    if (value.value.length > this.#bounds.valueBytesMax || !this.#signer.verify(register, value))
      return { type: 'invalid' }
    const equivocation = own === null ? undefined : this.#signer.equivocation(register, own, value)
    if (compareSigned(value, own) < 0) return { type: 'kept', news: false, equivocation }
    const refusal = this.#refusal(register, own, value)
    if (refusal !== undefined) return { type: 'refused', refusal }
    this.#put(key, { register, value })
    this.#store.put(
      PREFIX + toHex(this.#hash(encode(registerShape, register))),
      encode(keptShape, { register, value })
    )
    return { type: 'kept', news: true, equivocation }
  }

  state(): PlainValue {
    return [...this.#kept.values()].map(({ register, value }) => ({ register: register.name, ...value }))
  }

  #refusal(register: RegisterId, own: SignedValue | null, value: SignedValue): Refusal | undefined {
    const { names, bytes } = this.#owner(register.writers)
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    if (own === null && names.length >= registersPerOwnerMax) return 'too many registers'
    const grows = value.value.length - (own?.value.length ?? 0)
    return grows > 0 && bytes + grows > registerBytesPerOwnerMax ? 'too many bytes' : undefined
  }

  #put(key: string, kept: KeptValue): void {
    const { writers, name } = kept.register
    const owner = this.#owner(writers)
    const before = this.#kept.get(key)
    if (before === undefined) owner.names.splice(firstAfter(owner.names, name), 0, name)
    owner.bytes += kept.value.value.length - (before?.value.value.length ?? 0)
    this.#owners.set(ownerKey(writers), owner)
    this.#kept.set(key, kept)
  }

  #owner(writers: RegisterId['writers']): Owner {
    return this.#owners.get(ownerKey(writers)) ?? { names: [], bytes: 0 }
  }

  #headerOf(register: RegisterId): SignedHeader {
    const { value } = this.#kept.get(registerKey(register)) as KeptValue
    const header = this.#headers.get(value) ?? this.#signer.headerOf(value)
    this.#headers.set(value, header)
    return header
  }
}
