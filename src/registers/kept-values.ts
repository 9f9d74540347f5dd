/**
 * The signed values that a member keeps: of each register the highest that it was shown, bounded for each owner.
 */
import type { Evidence } from '../core/fault.ts'
import { record } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type RegisterOptions, TIMESTAMP_JUMP_MAX } from './constants.ts'
import { type KeptRegister, KeptRegisters } from './kept-registers.ts'
import { type Refusal, type RegisterId, registerShape } from './register.ts'
import {
  compareSigned,
  type SignedValue,
  sameWrite,
  signedValueShape,
  type ValueSigner
} from './signed-value.ts'

const keptShape = record({ register: registerShape, value: signedValueShape })

export type KeptValue = KeptRegister<SignedValue>

/** What a member makes of a value that it is shown. */
export type Verdict =
  /** It is here now, or was already, or a higher one is. */
  | { readonly type: 'kept'; readonly news: boolean; readonly equivocation?: Evidence | undefined }
  | { readonly type: 'invalid' }
  | { readonly type: 'refused'; readonly refusal: Refusal }

export class KeptValues {
  readonly #signer: ValueSigner
  readonly #kept: KeptRegisters<SignedValue>

  constructor(
    store: StableStore,
    signer: ValueSigner,
    hash: (bytes: Uint8Array) => Uint8Array,
    options: RegisterOptions
  ) {
    this.#signer = signer
    this.#kept = new KeptRegisters(
      { store: store, hash: hash },
      keptShape,
      ({ value }) => value.length,
      options
    )
  }

  get size(): number {
    return this.#kept.size
  }

  get(register: RegisterId): SignedValue | null {
    return this.#kept.get(register) ?? null
  }

  /** In no order that means anything. */
  values(): Iterable<KeptValue> {
    return this.#kept.values()
  }

  /** Verifies at most one signature: of what is higher than what is here, or contradicts it. */
  show(register: RegisterId, value: SignedValue): Verdict {
    const own = this.get(register)
    if (own !== null && (value.timestamp < own.timestamp || sameWrite(own, value)))
      return { type: 'kept', news: false }
    if (value.timestamp - (own?.timestamp ?? 0) > TIMESTAMP_JUMP_MAX)
      return { type: 'refused', refusal: 'timestamp too high' }
    if (!this.#signer.verify(register, value)) return { type: 'invalid' }
    const equivocation = own === null ? undefined : this.#signer.equivocation(register, own, value)
    if (compareSigned(value, own) < 0) return { type: 'kept', news: false, equivocation }
    const refusal = this.#kept.put(register, value)
    return refusal === undefined ? { type: 'kept', news: true, equivocation } : { type: 'refused', refusal }
  }

  state(): PlainValue {
    return [...this.values()].map(({ register, value }) => ({ register: register.name, ...value }))
  }
}
