/**
 * What a member of the crash model keeps: of each register the value with the highest timestamp that it was shown; in
 * its store as well, if it is given one.
 */
import type { Group } from '../core/group.ts'
import { record } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { RegisterOptions } from './constants.ts'
import { type Durable, KeptRegisters } from './kept-registers.ts'
import { type Refusal, type RegisterId, registerShape } from './register.ts'
import { compareTimestamped, type TimestampedValue, timestampedValueShape } from './timestamped-value.ts'

const keptShape = record({ register: registerShape, value: timestampedValueShape })

export class MemberValues {
  readonly #kept: KeptRegisters<TimestampedValue>

  constructor(group: Group, options: RegisterOptions, durable?: Durable) {
    this.#kept = new KeptRegisters(durable, keptShape, ({ value }) => value.length, options, group)
  }

  get(register: RegisterId): TimestampedValue | null {
    return this.#kept.get(register) ?? null
  }

  /** Keeps the value if it is higher than what is here. @returns why not, if a bound forbids it */
  show(register: RegisterId, value: TimestampedValue): Refusal | undefined {
    return compareTimestamped(value, this.get(register)) > 0 ? this.#kept.put(register, value) : undefined
  }

  state(): PlainValue {
    return [...this.#kept.values()].map(({ register, value }) => ({ register: register.name, ...value }))
  }
}
