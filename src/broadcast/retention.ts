/**
 * What of one sender's delivered instances a process keeps, and for how long (windows.ts says why). An instance is
 * beyond a member's retention once more than the bounds lie between it and the member's base: a function of the base
 * alone, since correct members deliver the same and have the same bounds.
 */
import type { Group, ProcessId } from '../core/group.ts'
import type { BroadcastOptions } from './constants.ts'

export interface Retained {
  /** Below it everything was delivered and acknowledged. */
  readonly base: number
  /**
   * For each retained instance the bytes of all up to it, before them those of what was there before: never empty. The
   * instances are numbered [base - totals.length + 1, base) without holes.
   */
  readonly totals: readonly number[]
  /** The highest base that each member ever reported. */
  readonly highest: readonly number[]
}

type Bounds = Required<BroadcastOptions>

/** The first instance that is still there. */
export const oldest = ({ base, totals }: Retained) => base - totals.length + 1

/** Bytes of the retained instances [from, to). */
export function bytesBetween(kept: Retained, from: number, to: number): number {
  const first = oldest(kept)
  return (kept.totals[to - first] ?? 0) - (kept.totals[from - first] ?? 0)
}

export const retainedBytes = (kept: Retained): number => bytesBetween(kept, oldest(kept), kept.base)

/**
 * Whether the instance is beyond the retention of a member with this base. A base above one's own counts as one's own:
 * what is beyond the retention there is beyond that of a member which is further on, too.
 */
function isBeyond(kept: Retained, sequence: number, base: number, bounds: Bounds): boolean {
  const to = Math.min(base, kept.base)
  if (to <= sequence) return false
  if (to - sequence > bounds.retentionCountMax) return true
  return bytesBetween(kept, sequence, to) > bounds.retentionBytesMax
}

/** Whether f+1 correct members will vouch for the gap that dropping it leaves. */
export function mayDrop(
  kept: Retained,
  sequence: number,
  self: ProcessId,
  group: Group,
  bounds: Bounds
): boolean {
  // Mostly it is within the retention even of whoever is as far as this process: nobody is further.
  if (!isBeyond(kept, sequence, kept.base, bounds)) return false
  const beyond = kept.highest.filter((reported, peer) => {
    return isBeyond(kept, sequence, peer === self ? kept.base : reported, bounds)
  })
  return beyond.length >= group.quorum.correctMajority
}

/** Whether a window more than the bounds is kept: then nothing is added before something may be dropped. */
export function exceeds(kept: Retained, bounds: Bounds): boolean {
  return (
    kept.totals.length - 1 > bounds.retentionCountMax + bounds.windowInstances ||
    retainedBytes(kept) > bounds.retentionBytesMax + bounds.windowBytesMax
  )
}

/** From where on this process retains, by its own bounds: what lies below it vouches for as a gap. */
export function retainedFrom(kept: Retained, { retentionCountMax, retentionBytesMax }: Bounds): number {
  const { base } = kept
  let low = Math.max(oldest(kept), base - retentionCountMax)
  let high = base
  // The first from which on the bytes fit: by halves, since whoever reports often must not make it walk through all.
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2)
    if (bytesBetween(kept, middle, base) <= retentionBytesMax) high = middle
    else low = middle + 1
  }
  return low
}
