/**
 * The signed values that a member keeps: of each register the highest that it was shown, bounded for each owner and
 * for each signer.
 */
import type { Evidence } from '../core/fault.ts'
import type { Group } from '../core/group.ts'
import { record } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type RegisterOptions, registerBounds, TIMESTAMP_JUMP_MAX } from './constants.ts'
import { type KeptRegister, KeptRegisters } from './kept-registers.ts'
import { firstAfter, type Page, type PageRequest } from './listing.ts'
import { type Refusal, type RegisterId, registerShape } from './register.ts'
import {
  compareSigned,
  referenceIn,
  type SignedHeader,
  type SignedValue,
  sameWrite,
  signedValueShape,
  type ValueSigner
} from './signed-value.ts'
import { SignerBudgets } from './signer-budgets.ts'

const keptShape = record({ register: registerShape, value: signedValueShape })

export type KeptValue = KeptRegister<SignedValue>

/** What a member makes of a value that it is shown. */
export type Verdict =
  /** It is here now, or was already, or a higher one is. */
  | { readonly type: 'kept'; readonly news: boolean; readonly equivocation?: Evidence | undefined }
  /** It would be kept, if it were shown. */
  | { readonly type: 'wanted'; readonly equivocation?: Evidence | undefined }
  | { readonly type: 'invalid' }
  | { readonly type: 'refused'; readonly refusal: Refusal }

/** What a value takes of its owner's bytes: its own, or its body's. */
const weightOf = (value: SignedValue): number => referenceIn(value)?.size ?? value.value.length

/** Of a value that was verified. */
export const signerOf = ({ writers }: RegisterId, { writer }: SignedValue): Uint8Array =>
  writers[writer] as Uint8Array

export class KeptValues {
  readonly #signer: ValueSigner
  readonly #kept: KeptRegisters<SignedValue>
  readonly #budgets: SignerBudgets
  /** Headers that were asked for: each value is hashed for them once. */
  readonly #headers = new WeakMap<SignedValue, SignedHeader>()

  constructor(
    store: StableStore,
    signer: ValueSigner,
    hash: (bytes: Uint8Array) => Uint8Array,
    group: Group,
    options: RegisterOptions
  ) {
    this.#signer = signer
    this.#kept = new KeptRegisters({ store, hash }, keptShape, weightOf, options)
    this.#budgets = new SignerBudgets(group, registerBounds(options))
    for (const { register, value } of this.#kept.values())
      this.#budgets.take(signerOf(register, value), 1, weightOf(value))
  }

  get size(): number {
    return this.#kept.size
  }

  get(register: RegisterId): SignedValue | null {
    return this.#kept.get(register) ?? null
  }

  /** The registers of an owner, deleted ones too. */
  page(writers: RegisterId['writers'], { after, limit }: PageRequest): Page {
    const names = this.#kept.names(writers)
    const first = firstAfter(names, after)
    const entries = names.slice(first, first + limit).flatMap((name) => {
      const value = this.#kept.get({ writers, name })
      return value === undefined ? [] : [{ name, header: this.#headerOf(value) }]
    })
    return { entries, more: first + limit < names.length }
  }

  /** As {@link judge}, and keeps what is wanted. */
  show(register: RegisterId, value: SignedValue): Exclude<Verdict, { type: 'wanted' }> {
    const verdict = this.judge(register, value)
    if (verdict.type !== 'wanted') return verdict
    const own = this.get(register)
    if (own !== null) this.#budgets.take(signerOf(register, own), -1, -weightOf(own))
    this.#budgets.take(signerOf(register, value), 1, weightOf(value))
    this.#kept.replace(register, value)
    return { type: 'kept', news: true, equivocation: verdict.equivocation }
  }

  /** Room for so many bytes of a value's body is kept free, or no longer. */
  reserve(register: RegisterId, value: SignedValue, bytes: number): void {
    this.#kept.reserve(register.writers, bytes)
    this.#budgets.take(signerOf(register, value), 0, bytes)
  }

  /** Verifies at most one signature: of what is higher than what is here, or contradicts it. */
  judge(register: RegisterId, value: SignedValue): Verdict {
    const own = this.get(register)
    if (own !== null && (value.timestamp < own.timestamp || sameWrite(own, value)))
      return { type: 'kept', news: false }
    if (value.timestamp - (own?.timestamp ?? 0) > TIMESTAMP_JUMP_MAX)
      return { type: 'refused', refusal: 'timestamp too high' }
    if (!this.#signer.verify(register, value)) return { type: 'invalid' }
    const equivocation = own === null ? undefined : this.#signer.equivocation(register, own, value)
    if (compareSigned(value, own) < 0) return { type: 'kept', news: false, equivocation }
    // While a body is on its way, the one that it will replace is still there.
    const refusal =
      this.#kept.refusal(register, value, referenceIn(value)?.size) ?? this.#refusalTo(register, value, own)
    return refusal === undefined ? { type: 'wanted', equivocation } : { type: 'refused', refusal }
  }

  values(): Iterable<KeptValue> {
    return this.#kept.values()
  }

  state(): PlainValue {
    return [...this.values()].map(({ register, value }) => ({ register: register.name, ...value }))
  }

  /** Why its signer has no room for the value. */
  #refusalTo(register: RegisterId, value: SignedValue, own: SignedValue | null): Refusal | undefined {
    const isOwn = own?.writer === value.writer
    const before = isOwn && referenceIn(value) === undefined ? weightOf(own) : 0
    return this.#budgets.refusal(signerOf(register, value), isOwn ? 0 : 1, weightOf(value) - before)
  }

  #headerOf(value: SignedValue): SignedHeader {
    const header = this.#headers.get(value) ?? this.#signer.headerOf(value)
    this.#headers.set(value, header)
    return header
  }
}
