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
  /** Bytes of each retained instance; numbered [base - retained.length, base) without holes. */
  readonly retained: readonly number[]
  readonly retainedBytes: number
  /** The highest base that each member ever reported. */
  readonly highest: readonly number[]
}

type Bounds = Required<BroadcastOptions>

/** The first instance that is still there. */
export const oldest = ({ base, retained }: Retained) => base - retained.length

/** Whether the instance is beyond the retention of a member with this base; of a higher base than one's own, at least. */
function isBeyond(kept: Retained, sequence: number, base: number, bounds: Bounds): boolean {
  const to = Math.min(base, kept.base)
  if (to <= sequence) return false
  if (to - sequence > bounds.retentionCountMax) return true
  if (kept.retainedBytes <= bounds.retentionBytesMax) return false
  const between = kept.retained.slice(sequence - oldest(kept), to - oldest(kept))
  return between.reduce((sum, bytes) => sum + bytes, 0) > bounds.retentionBytesMax
}

/** Whether f+1 correct members will vouch for the gap that dropping it leaves. */
export function mayDrop(
  kept: Retained,
  sequence: number,
  self: ProcessId,
  group: Group,
  bounds: Bounds
): boolean {
  const beyond = kept.highest.filter((reported, peer) => {
    return isBeyond(kept, sequence, peer === self ? kept.base : reported, bounds)
  })
  return beyond.length >= group.quorum.correctMajority
}

/** Whether a window more than the bounds is kept: then nothing is added before something may be dropped. */
export function exceeds({ retained, retainedBytes }: Retained, bounds: Bounds): boolean {
  return (
    retained.length > bounds.retentionCountMax + bounds.windowInstances ||
    retainedBytes > bounds.retentionBytesMax + bounds.windowBytesMax
  )
}

/** From where on this process retains, by its own bounds: what lies below it vouches for as a gap. */
export function retainedFrom(kept: Retained, { retentionCountMax, retentionBytesMax }: Bounds): number {
  const { base, retained, retainedBytes } = kept
  const first = oldest(kept)
  const byCount = Math.max(first, base - retentionCountMax)
  if (retainedBytes <= retentionBytesMax) return byCount
  // One pass from the newest down: whoever reports often must not make it walk through all of them each time.
  let bytes = 0
  let from = base
  while (from > byCount && bytes + (retained[from - 1 - first] ?? 0) <= retentionBytesMax)
    bytes += retained[--from - first] ?? 0
  return from
}
