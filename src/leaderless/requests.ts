/** The requests of the leaderless store, what they return, and which quorums they may have. */
import { InvalidParametersError } from '../core/errors.ts'
import {
  isWithin,
  requireFunctionIfGiven,
  requireOneOf,
  requireSwitchIfGiven,
  requireWithin,
  shown
} from '../core/parameters.ts'
import { majority } from '../core/quorum.ts'
import {
  ANTI_ENTROPY_PERIOD_MS,
  ANTI_ENTROPY_PERIOD_MS_MAX,
  COUNTER_MAX,
  KEY_CHARACTERS_MAX,
  KEYS_MAX,
  REPLICAS,
  REPLICAS_MAX,
  STORED_VALUE_BYTES_MAX,
  TIME_MS_MAX
} from './constants.ts'
import type { StoreRefusal } from './kept-states.ts'
import type { Conflicts, VersionClock } from './versions.ts'

/**
 * What an answer promises:
 * - `regular`: multi-writer regularity (Lamport 1986; Shao, Welch, Pierce, Lee 2011), by a strict quorum: a get and a
 *   put that are both `regular` have a replica in common, so a get sees each such put that had returned before it
 *   began: its value, or that of a put which has replaced it knowingly. Not atomic: of two gets during a put the later
 *   may miss it.
 * - `highest timestamp`: the same, where the last writer wins: a get returns the highest timestamp of all such puts.
 *   That is the last of them only as far as the writers' clocks say so.
 * - `eventual`: a value that somebody put, at some time; all replicas of the key agree on one once puts have ceased.
 */
export type Consistency = 'regular' | 'highest timestamp' | 'eventual'

/** What a client has seen of a key: to be handed back with the put that replaces it. */
export interface Context {
  readonly clock: VersionClock
  /** The highest time of a version that was seen. */
  readonly time: number
}

export interface GetResult {
  /**
   * Concurrent values; one, if there was no conflict, and none, if there is nothing. At most one if the last writer
   * wins.
   */
  readonly values: readonly Uint8Array[]
  /** Whether one of the concurrent puts is a delete. */
  readonly deleted: boolean
  readonly context: Context
  readonly consistency: Consistency
}

export type PutResult =
  | {
      readonly written: true
      readonly consistency: Consistency
      /** Whether the first replica had concurrent versions beside it: a get would show them. */
      readonly conflict: boolean
    }
  /** So many replicas refused it that it cannot complete; it may have taken effect all the same. */
  | { readonly written: false; readonly refusal: StoreRefusal }

export interface QuorumChoice {
  /** Allows a partial quorum (r + w <= replicas), which an answer says by `eventual`. */
  readonly sloppy?: boolean
}

export interface GetOptions extends QuorumChoice {
  /** Replicas whose answers are awaited; default: the store's. */
  readonly r?: number
}

export interface PutOptions extends QuorumChoice {
  /** Replicas that have it when the put returns; default: the store's. */
  readonly w?: number
  /** Of the get whose result this replaces; without one it replaces nothing, and is concurrent with all there is. */
  readonly context?: Context
}

export type DeleteOptions = PutOptions & { readonly context: Context }

/** The same at all members and clients of a group. */
export interface LeaderlessOptions extends QuorumChoice {
  /** Of each key; default REPLICAS, or all members if they are fewer. */
  readonly replicas?: number
  /** The replicas that a get awaits unless it says otherwise, and a put may count on; default: a majority. */
  readonly r?: number
  /** The replicas that a put awaits unless it says otherwise, and a get may count on; default: a majority. */
  readonly w?: number
  /** Default: siblings. */
  readonly conflicts?: Conflicts
  /**
   * Milliseconds, at most CLOCK_MS_MAX, for puts where the last writer wins: the same at all writers, as far as can be.
   * Fractions are dropped. A put throws what it throws. Default: the process's clock.
   */
  readonly wallClockMs?: () => number
  /** Default STORED_VALUE_BYTES_MAX, which is the most. */
  readonly valueBytesMax?: number
  /** Default KEYS_MAX. */
  readonly keysMax?: number
  /** Default ANTI_ENTROPY_PERIOD_MS. */
  readonly antiEntropyPeriodMs?: number
}

export class QuorumPolicy {
  readonly replicas: number
  readonly r: number
  readonly w: number
  readonly #strict: Consistency

  /** @throws InvalidParametersError */
  constructor(members: number, conflicts: Conflicts, options: LeaderlessOptions) {
    this.replicas = options.replicas ?? Math.min(REPLICAS, members)
    const most = Math.min(members, REPLICAS_MAX)
    requireWithin('replicas', this.replicas, 1, most, `of ${members} members`)
    this.#strict = conflicts === 'siblings' ? 'regular' : 'highest timestamp'
    this.r = options.r ?? majority(this.replicas)
    this.w = options.w ?? majority(this.replicas)
    this.#consistency(this.r, this.w, options)
  }

  /** Of a get, given that puts have the store's w. @throws InvalidParametersError */
  ofGet({ r = this.r, sloppy = false }: GetOptions): {
    readonly r: number
    readonly consistency: Consistency
  } {
    return { r, consistency: this.#consistency(r, this.w, { sloppy: sloppy || r === this.r }) }
  }

  /**
   * Of a put, given that gets await the store's r, or fewer where they count on its w: one that awaits fewer than that
   * is missed by them. @throws InvalidParametersError
   */
  ofPut({ w = this.w, sloppy = false }: PutOptions): {
    readonly w: number
    readonly consistency: Consistency
  } {
    const leastOfGets = Math.min(this.r, this.replicas - this.w + 1)
    return { w, consistency: this.#consistency(leastOfGets, w, { sloppy: sloppy || w === this.w }) }
  }

  #consistency(r: number, w: number, { sloppy = false }: QuorumChoice): Consistency {
    const { replicas } = this
    for (const [name, size] of [
      ['r', r],
      ['w', w]
    ] as const)
      requireWithin(name, size, 1, replicas, 'replicas of a key')
    requireSwitchIfGiven('sloppy', sloppy)
    if (r + w > replicas) return this.#strict
    if (sloppy) return 'eventual'
    throw new InvalidParametersError(
      `r = ${r} and w = ${w} of ${replicas} replicas: r + w is not above ${replicas}, so a get may ask only replicas ` +
        'that the last put did not wait for, and miss it; raise one of them, or say sloppy: true'
    )
  }
}

export interface StoreBounds {
  readonly valueBytesMax: number
  readonly keysMax: number
  readonly antiEntropyPeriodMs: number
}

/** @throws InvalidParametersError */
export function storeBounds(options: LeaderlessOptions): StoreBounds {
  const { valueBytesMax = STORED_VALUE_BYTES_MAX, keysMax = KEYS_MAX } = options
  const { antiEntropyPeriodMs = ANTI_ENTROPY_PERIOD_MS, conflicts = 'siblings' } = options
  requireOneOf('conflicts', conflicts, ['siblings', 'last-writer-wins'])
  requireFunctionIfGiven('wallClockMs', options.wallClockMs)
  return {
    valueBytesMax: requireWithin('valueBytesMax', valueBytesMax, 0, STORED_VALUE_BYTES_MAX, 'bytes'),
    keysMax: requireWithin('keysMax', keysMax, 1, Number.MAX_SAFE_INTEGER, 'keys'),
    antiEntropyPeriodMs: requireWithin(
      'antiEntropyPeriodMs',
      antiEntropyPeriodMs,
      1,
      ANTI_ENTROPY_PERIOD_MS_MAX,
      'milliseconds'
    )
  }
}

/** @throws InvalidParametersError */
export function requireKey(key: string): void {
  if (typeof key === 'string' && key.length <= KEY_CHARACTERS_MAX && key.isWellFormed()) return
  throw new InvalidParametersError(
    `key: expected well-formed text of at most ${KEY_CHARACTERS_MAX} characters`
  )
}

/** @throws InvalidParametersError */
export function requireValue(value: Uint8Array, valueBytesMax: number): void {
  if (value instanceof Uint8Array && value.length <= valueBytesMax) return
  throw new InvalidParametersError(
    `value: expected a Uint8Array of at most ${valueBytesMax} bytes, not ${shown(value)}`
  )
}

/** What an application kept of a get may have gone through any hands. @throws InvalidParametersError */
export function requireContext(context: Context): void {
  const { clock, time } = context ?? {}
  const isClock =
    Array.isArray(clock) &&
    clock.length <= REPLICAS_MAX &&
    clock.every(
      (entry) => isWithin(entry?.rank, 0, Number.MAX_SAFE_INTEGER) && isWithin(entry.counter, 1, COUNTER_MAX)
    )
  if (isClock && isWithin(time, 0, TIME_MS_MAX)) return
  throw new InvalidParametersError('context: expected the context of a get')
}
