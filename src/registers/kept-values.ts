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
import { ownerKey, type Refusal, type RegisterId, registerKey, registerShape } from './register.ts'
import {
  compareSigned,
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

interface Usage {
  registers: number
  bytes: number
}

const PREFIX = 'kept/'

export class KeptValues {
  readonly #store: StableStore
  readonly #signer: ValueSigner
  readonly #bounds: Required<RegisterOptions>
  readonly #hash: (bytes: Uint8Array) => Uint8Array
  readonly #kept = new Map<string, KeptValue>()
  readonly #usage = new Map<string, Usage>()

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

  /** In no order that means anything. */
  values(): Iterable<KeptValue> {
    return this.#kept.values()
  }

  /** Verifies at most one signature: of what is higher than what is here, or contradicts it. */
  show(register: RegisterId, value: SignedValue): Verdict {
    const key = registerKey(register)
    const own = this.#kept.get(key)?.value ?? null
    if (own !== null && (value.timestamp < own.timestamp || sameWrite(own, value)))
      return { type: 'kept', news: false }
    if (!this.#signer.verify(register, value)) return { type: 'invalid' }
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
    const { registers, bytes } = this.#usage.get(ownerKey(register.writers)) ?? { registers: 0, bytes: 0 }
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    if (own === null && registers >= registersPerOwnerMax) return 'too many registers'
    const grows = value.value.length - (own?.value.length ?? 0)
    return grows > 0 && bytes + grows > registerBytesPerOwnerMax ? 'too many bytes' : undefined
  }

  #put(key: string, kept: KeptValue): void {
    const owner = ownerKey(kept.register.writers)
    const usage = this.#usage.get(owner) ?? { registers: 0, bytes: 0 }
    const before = this.#kept.get(key)
    if (before === undefined) usage.registers++
    usage.bytes += kept.value.value.length - (before?.value.value.length ?? 0)
    this.#usage.set(owner, usage)
    this.#kept.set(key, kept)
  }
}
