/**
 * What each signer of kept values takes at a member, whatever lists of writers it is on. Lists cost nothing to invent,
 * and so do keys: whom the group does not know has no budget, and whoever it knows has one.
 */
import { toHex } from '../core/bytes.ts'
import type { Group } from '../core/group.ts'
import { processOf } from '../core/group.ts'
import type { RegisterOptions } from './constants.ts'
import type { Refusal } from './register.ts'

interface Budget {
  registers: number
  bytes: number
}

export class SignerBudgets {
  readonly #group: Group
  readonly #bounds: Required<RegisterOptions>
  readonly #taken = new Map<string, Budget>()

  constructor(group: Group, bounds: Required<RegisterOptions>) {
    this.#group = group
    this.#bounds = bounds
  }

  /** Takes, or with negative numbers gives back. */
  take(signer: Uint8Array, registers: number, bytes: number): void {
    const key = toHex(signer)
    const taken = this.#taken.get(key) ?? { registers: 0, bytes: 0 }
    taken.registers += registers
    taken.bytes += bytes
    this.#taken.set(key, taken)
  }

  /** Why so much more cannot be taken. */
  refusal(signer: Uint8Array, registers: number, bytes: number): Refusal | undefined {
    if (processOf(this.#group, signer) === undefined) return 'unknown writer'
    const taken = this.#taken.get(toHex(signer)) ?? { registers: 0, bytes: 0 }
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    if (registers > 0 && taken.registers + registers > registersPerOwnerMax) return 'too many registers'
    return bytes > 0 && taken.bytes + bytes > registerBytesPerOwnerMax ? 'too many bytes' : undefined
  }
}
