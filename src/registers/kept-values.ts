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
import type { Page, PageRequest } from './listing.ts'
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
import { memoryOf, SignerBudgets, type Weight } from './signer-budgets.ts'

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
const bytesOf = (value: SignedValue): number => referenceIn(value)?.size ?? value.value.length

const weightOf = (register: RegisterId, value: SignedValue): Weight => ({
  registers: 1,
  bytes: bytesOf(value),
  memory: memoryOf(register, value.value.length),
  bodies: referenceIn(value)?.size ?? 0
})

/** What more one value takes than the other, of the same signer. */
const difference = (a: Weight, b: Weight): Weight => ({
  registers: a.registers - b.registers,
  bytes: a.bytes - b.bytes,
  memory: a.memory - b.memory,
  bodies: a.bodies - b.bodies
})

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
    this.#kept = new KeptRegisters({ store, hash }, keptShape, bytesOf, options)
    this.#budgets = new SignerBudgets(group, registerBounds(options))
    for (const { register, value } of this.#kept.values())
      this.#budgets.take(signerOf(register, value), weightOf(register, value))
  }

  get size(): number {
    return this.#kept.size
  }

  get(register: RegisterId): SignedValue | null {
    return this.#kept.get(register) ?? null
  }

  /** The registers of an owner, deleted ones too. */
  page(writers: RegisterId['writers'], request: PageRequest): Page {
    const { entries, more } = this.#kept.slice(writers, request)
    return { entries: entries.map(([name, value]) => ({ name, header: this.#headerOf(value) })), more }
  }

  /** As {@link judge}, and keeps what is wanted. */
  show(register: RegisterId, value: SignedValue): Exclude<Verdict, { type: 'wanted' }> {
    const verdict = this.judge(register, value)
    if (verdict.type !== 'wanted') return verdict
    const own = this.get(register)
    if (own !== null) this.#budgets.take(signerOf(register, own), weightOf(register, own), -1)
    this.#budgets.take(signerOf(register, value), weightOf(register, value))
    this.#kept.replace(register, value)
    return { type: 'kept', news: true, equivocation: verdict.equivocation }
  }

  /** Room for a value whose body is on its way is kept free, or no longer. */
  reserve(register: RegisterId, value: SignedValue, sign: 1 | -1): void {
    const weight = { ...weightOf(register, value), registers: 0 }
    this.#kept.reserve(register.writers, sign * weight.bytes)
    this.#budgets.take(signerOf(register, value), weight, sign)
  }

  /**
   * Verifies at most one signature, after all that costs less: of what is higher than what is here and has room, or may
   * contradict it.
   *
   * @param hasRoom - whether there is room for its body on its way
   */
  judge(register: RegisterId, value: SignedValue, hasRoom = true): Verdict {
    const own = this.get(register)
    if (own !== null && (value.timestamp < own.timestamp || sameWrite(own, value)))
      return { type: 'kept', news: false }
    if (value.timestamp - (own?.timestamp ?? 0) > TIMESTAMP_JUMP_MAX)
      return { type: 'refused', refusal: 'timestamp too high' }
    if (value.writer >= register.writers.length) return { type: 'invalid' }
    const isHigher = compareSigned(value, own) > 0
    if (!isHigher && value.writer !== own?.writer) return { type: 'kept', news: false }
    const refusal = isHigher ? this.#refusalTo(register, value, own, hasRoom) : undefined
    if (refusal !== undefined) return { type: 'refused', refusal }
    if (!this.#signer.verify(register, value)) return { type: 'invalid' }
    const equivocation = own === null ? undefined : this.#signer.equivocation(register, own, value)
    return isHigher ? { type: 'wanted', equivocation } : { type: 'kept', news: false, equivocation }
  }

  values(): Iterable<KeptValue> {
    return this.#kept.values()
  }

  state(): PlainValue {
    return [...this.values()].map(({ register, value }) => ({ register: register.name, ...value }))
  }

  /** Why there is no room for the value: its signer is nobody's, or has too much, or its owner has. */
  #refusalTo(
    register: RegisterId,
    value: SignedValue,
    own: SignedValue | null,
    hasRoom: boolean
  ): Refusal | undefined {
    const signer = signerOf(register, value)
    if (!this.#budgets.isKnown(signer)) return 'unknown writer'
    if (!hasRoom) return 'too many bytes'
    const reference = referenceIn(value)
    const weight = weightOf(register, value)
    const replaced = own?.writer === value.writer ? weightOf(register, own) : undefined
    const more = replaced === undefined ? weight : difference(weight, replaced)
    // While a body is on its way, the one that it will replace is still there.
    const grows = reference === undefined ? more : { ...weight, registers: more.registers }
    return this.#kept.refusal(register, value, reference?.size) ?? this.#budgets.refusal(signer, grows)
  }

  #headerOf(value: SignedValue): SignedHeader {
    const header = this.#headers.get(value) ?? this.#signer.headerOf(value)
    this.#headers.set(value, header)
    return header
  }
}
