/**
 * What each signer of kept values takes at a member, whatever lists of writers it is on. Lists cost nothing to invent,
 * and so do keys: whom the group does not know has no budget, and whoever it knows has one. Beside the bounds of each
 * there are totals, of memory and of disk, of which everybody has a share (fair-shares.ts).
 */
import { toHex } from '../core/bytes.ts'
import type { Group } from '../core/group.ts'
import { REGISTER_OVERHEAD_BYTES, type RegisterOptions, WRITER_OVERHEAD_BYTES } from './constants.ts'
import { FairShares } from './fair-shares.ts'
import type { Refusal, RegisterId } from './register.ts'

/** What a value takes. */
export interface Weight {
  readonly registers: number
  /** Its own, or its body's. */
  readonly bytes: number
  /** What the process has at hand of it. */
  readonly memory: number
  /** What is kept of it on the disk alone. */
  readonly bodies: number
}

interface Taken {
  registers: number
  bytes: number
}

export class SignerBudgets {
  readonly #bounds: Required<RegisterOptions>
  readonly #known: ReadonlySet<string>
  readonly #memory: FairShares
  readonly #bodies: FairShares
  readonly #taken = new Map<string, Taken>()

  constructor(group: Group, bounds: Required<RegisterOptions>) {
    this.#bounds = bounds
    this.#known = keysOf(group)
    this.#memory = new FairShares(bounds.registerMemoryBytesMax, this.#known)
    this.#bodies = new FairShares(bounds.bodyBytesTotalMax, this.#known)
  }

  /** Takes, or with a negative sign gives back. */
  take(signer: Uint8Array, { registers, bytes, memory, bodies }: Weight, sign: 1 | -1 = 1): void {
    const key = toHex(signer)
    const taken = this.#taken.get(key) ?? { registers: 0, bytes: 0 }
    taken.registers += sign * registers
    taken.bytes += sign * bytes
    this.#taken.set(key, taken)
    this.#memory.take(key, sign * memory)
    this.#bodies.take(key, sign * bodies)
  }

  isKnown(signer: Uint8Array): boolean {
    return this.#known.has(toHex(signer))
  }

  /** Why so much more cannot be taken. */
  refusal(signer: Uint8Array, { registers, bytes, memory, bodies }: Weight): Refusal | undefined {
    const key = toHex(signer)
    if (!this.#known.has(key)) return 'unknown writer'
    const taken = this.#taken.get(key) ?? { registers: 0, bytes: 0 }
    const { registersPerOwnerMax, registerBytesPerOwnerMax } = this.#bounds
    if (registers > 0 && taken.registers + registers > registersPerOwnerMax) return 'too many registers'
    const isFull =
      (bytes > 0 && taken.bytes + bytes > registerBytesPerOwnerMax) ||
      (memory > 0 && !this.#memory.hasRoom(key, memory)) ||
      (bodies > 0 && !this.#bodies.hasRoom(key, bodies))
    return isFull ? 'too many bytes' : undefined
  }
}

/** Everybody whom a member knows. */
export const keysOf = ({ publicKeys, clients }: Group): ReadonlySet<string> =>
  new Set([...publicKeys, ...clients].map(toHex))

/**
 * What a register takes of memory in which so many bytes are at hand; its name and writers count, since they are sent.
 */
export const memoryOf = ({ writers, name }: RegisterId, bytes: number): number =>
  bytes + REGISTER_OVERHEAD_BYTES + writers.length * WRITER_OVERHEAD_BYTES + 4 * name.length
