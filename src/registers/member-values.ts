/**
 * What a member of the crash model keeps: of each register the value with the highest timestamp that it was shown,
 * bounded for each owner (a list of writers); in its store as well, if it is given one.
 */
import { toHex } from '../core/bytes.ts'
import { decode, encode, record } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type RegisterOptions, registerBounds } from './constants.ts'
import { ownerKey, type Refusal, type RegisterId, registerKey, registerShape } from './register.ts'
import { compareTimestamped, type TimestampedValue, timestampedValueShape } from './timestamped-value.ts'

const keptShape = record({ register: registerShape, value: timestampedValueShape })

interface Kept {
  readonly register: RegisterId
  readonly value: TimestampedValue
}

interface Usage {
  registers: number
  bytes: number
}

/** Where values survive a crash. */
export interface Durable {
  readonly store: StableStore
  readonly hash: (bytes: Uint8Array) => Uint8Array
}

const PREFIX = 'kept/'

export class MemberValues {
  readonly #bounds: Required<RegisterOptions>
  readonly #durable: Durable | undefined
  readonly #kept = new Map<string, Kept>()
  readonly #usage = new Map<string, Usage>()

  constructor(options: RegisterOptions, durable?: Durable) {
    this.#bounds = registerBounds(options)
    this.#durable = durable
    for (const [, encoded] of durable?.store.restored(PREFIX) ?? []) {
      const kept = decode(keptShape, encoded)
      if (kept !== undefined) this.#put(kept)
    }
  }

  get(register: RegisterId): TimestampedValue | null {
    return this.#kept.get(registerKey(register))?.value ?? null
  }

  /** Keeps the value if it is higher than what is here. @returns why not, if a bound forbids it */
  show(register: RegisterId, value: TimestampedValue): Refusal | undefined {
    const own = this.get(register)
    if (compareTimestamped(value, own) <= 0) return undefined
    const refusal = this.#refusal(register, own, value)
    if (refusal !== undefined) return refusal
    this.#put({ register, value })
    this.#durable?.store.put(
      PREFIX + toHex(this.#durable.hash(encode(registerShape, register))),
      encode(keptShape, { register, value })
    )
    return undefined
  }

  state(): PlainValue {
    return [...this.#kept.values()].map(({ register, value }) => ({ register: register.name, ...value }))
  }

  #refusal(register: RegisterId, own: TimestampedValue | null, value: TimestampedValue): Refusal | undefined {
    const { registers, bytes } = this.#usage.get(ownerKey(register.writers)) ?? { registers: 0, bytes: 0 }
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    if (own === null && registers >= registersPerOwnerMax) return 'too many registers'
    const grows = value.value.length - (own?.value.length ?? 0)
    return grows > 0 && bytes + grows > registerBytesPerOwnerMax ? 'too many bytes' : undefined
  }

  #put(kept: Kept): void {
    const { register, value } = kept
    const owner = ownerKey(register.writers)
    const usage = this.#usage.get(owner) ?? { registers: 0, bytes: 0 }
    const before = this.get(register)
    if (before === null) usage.registers++
    usage.bytes += value.value.length - (before?.value.length ?? 0)
    this.#usage.set(owner, usage)
    this.#kept.set(registerKey(register), kept)
  }
}
