/**
 * Situations that a campaign must have reached, as far as they show in what was selected, and in what a crash has left.
 */
import { sameBytes } from '../../core/bytes.ts'
import type { Quorums } from '../../core/group.ts'
import type { Restored } from './log.ts'
import type { SignedChange } from './messages.ts'
import type { Start } from './selection.ts'

/** What was peculiar about the VIEW-CHANGEs from which a start was selected. */
export function selectionLandmarks(
  changes: readonly SignedChange[],
  { stable, selected }: Start,
  nothing: Uint8Array,
  { oneCorrect }: Quorums
): readonly string[] {
  const base = Math.max(...changes.map((change) => change.base.view))
  const newest = changes.filter((change) => change.base.view === base)
  const votes = newest.flatMap(({ reported }) => reported)
  const supportOf = (sequence: number, digest: Uint8Array) =>
    votes.filter((vote) => vote.sequence === sequence && sameBytes(vote.digest, digest)).length
  const digests = selected.map((digest, index) => ({ sequence: stable.sequence + 1 + index, digest }))
  const carried = digests.filter(({ digest }) => !sameBytes(digest, nothing))
  const isSupported = ({ sequence, digest }: (typeof digests)[0]) => supportOf(sequence, digest) >= oneCorrect
  const isIn = (sequence: number, digest: Uint8Array) =>
    sequence <= stable.sequence ||
    digests.some((one) => one.sequence === sequence && sameBytes(one.digest, digest))
  const isOutvoted = votes.some((vote) => !isIn(vote.sequence, vote.digest))
  // A quorum is prepared for nothing there, and too few have voted: who says that it was prepared lies, or others do.
  const isFalse = ({ sequence, digest, prepared }: (typeof votes)[0]) =>
    prepared && !isIn(sequence, digest) && !carried.some((one) => one.sequence === sequence)
  return [
    ...(newest.length < changes.length ? ['older-base-outvoted'] : []),
    ...(carried.length < digests.length ? ['null-selected'] : []),
    ...(carried.some(isSupported) ? ['number-selected-by-votes'] : []),
    ...(carried.some((one) => !isSupported(one)) ? ['number-copied-from-a-start'] : []),
    ...(isOutvoted ? ['vote-not-selected'] : []),
    ...(votes.some(isFalse) ? ['false-vote-rejected'] : [])
  ]
}

/** Where a crash has struck, by what it has left. @param leads - this member is primary of its view */
export function restartLandmarks(
  { base, accepted, votes, committed }: Restored,
  leads: boolean
): readonly string[] {
  const executed = Math.max(0, ...committed.keys())
  const open = [...votes].filter(([sequence]) => sequence > executed)
  const isFresh = votes.size === 0 && base !== undefined && base.start.selected.length > 0
  return [
    ...(open.some(([, { prepared }]) => !prepared) ? ['restarted-before-a-commit'] : []),
    ...(accepted.length > 0 ? ['restarted-after-accepting'] : []),
    ...(isFresh ? ['restarted-before-the-first-vote'] : []),
    ...(leads && open.length > 0 ? ['restarted-as-primary'] : [])
  ]
}
