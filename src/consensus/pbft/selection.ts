/**
 * What a view begins with: the selection rule of PBFT's view change, as one pure function.
 *
 * Castro and Liskov (OSDI 1999, section 4.4) select by signed PREPAREs; their later version (TOCS 2002, section 4.3)
 * selects by the conditions A1, A2 and B over all the views that a member ever voted in. Here votes are not signed, and
 * each view begins with a *start* that a Byzantine quorum has accepted: a VIEW-CHANGE then reports the votes of one
 * view alone, the last whose start its member holds, and A1, A2 and B are asked of that view (decision 0016).
 *
 * Safety. If d commits at number n in view u, every certified start of a later view has d at n, or a stable checkpoint
 * at or above n. By induction over views: the quorum that sent COMMIT in u and the quorum of `changes` that a correct
 * member accepted the start by share a correct member r, which sent its COMMIT before its VIEW-CHANGE. So the highest
 * base W is at least u. If W > u, the start of W has d at n, and it is copied. If W = u and the start of u has a digest
 * at n, correct members prepared no other. Else r reports d prepared in W: another digest fails A1, and free fails B,
 * since either needs a quorum that is not prepared for d, and that shares a correct member with those that committed.
 *
 * Liveness. With the VIEW-CHANGEs of all n - f correct members a selection exists, whatever f liars add: if one of them
 * is prepared for d in W, no other is prepared for another digest (A1), and of the quorum that voted for d there f+1
 * are correct, have W as their base, and say so (A2). If none is prepared, B holds. And somebody can show what is
 * selected: of f+1 that voted for it one is correct, and voted only with the batch in its hands.
 */
import { compareBytes, toHex } from '../../core/bytes.ts'
import type { Quorums } from '../../core/group.ts'

/**
 * A point of the sequence that a Byzantine quorum has signed for, and that nothing before it is needed for any more.
 */
export type StableCheckpoint = {
  /** The number of the last batch in it; 0: of none. */
  readonly sequence: number
  /** Of the state after it. */
  readonly digest: Uint8Array
}

/** What a view begins with: nothing is proposed at these numbers; every member votes for the digests here. */
export type Start = {
  readonly view: number
  readonly stable: StableCheckpoint
  /** Of the batches `stable.sequence + 1`, `stable.sequence + 2`, ... */
  readonly selected: readonly Uint8Array[]
}

/** What a member voted for at one number, in the view of its base. */
export interface ReportedVote {
  readonly sequence: number
  readonly digest: Uint8Array
  /** A Byzantine quorum voted for it with this member, which said so in a COMMIT. */
  readonly prepared: boolean
}

/** What a member says when it leaves a view. */
export interface ViewChange {
  /** The highest that it knows. */
  readonly stable: StableCheckpoint
  /** The last view that it entered. */
  readonly base: number
  /** Its votes in that view, for numbers above `stable.sequence`: one for each number at most, ascending. */
  readonly votes: readonly ReportedVote[]
}

/** What members must know of the group, and of a batch. */
export interface SelectionTerms {
  readonly quorum: Quorums
  /** Digest of the batch without commands, which fills the holes. */
  readonly nothing: Uint8Array
}

/** A digest's support at one number, among the members of the highest base. */
interface Support {
  readonly digest: Uint8Array
  voted: number
  prepared: number
}

/**
 * @param changes - valid ones of distinct members, in any order, for one view
 * @param startOf - the certified start of a base that `changes` name
 * @returns what `view` begins with; undefined if these changes do not decide it, and more are needed
 */
export function selectStart(
  view: number,
  changes: readonly ViewChange[],
  startOf: (base: number) => Start,
  terms: SelectionTerms
): Start | undefined {
  const { quorum, nothing } = terms
  if (changes.length < quorum.byzantine) return undefined
  const base = changes.reduce((highest, change) => Math.max(highest, change.base), 0)
  const start = startOf(base)
  const stable = changes.reduce(
    (highest, change) => (change.stable.sequence > highest.sequence ? change.stable : highest),
    start.stable
  )
  const votes = supportByNumber(changes, base)
  const startEnd = start.stable.sequence + start.selected.length
  const last = Math.max(startEnd, ...votes.keys())

  const selected: Uint8Array[] = []
  // The digests up to the last one; what is free between them is filled.
  let end = 0
  for (let sequence = stable.sequence + 1; sequence <= last; sequence++) {
    const chosen =
      sequence <= startEnd
        ? start.selected[sequence - start.stable.sequence - 1]
        : choose([...(votes.get(sequence)?.values() ?? [])], changes.length, quorum)
    if (chosen === undefined) return undefined
    if (chosen === 'free') {
      selected.push(nothing)
    } else {
      selected.push(chosen)
      end = selected.length
    }
  }
  return { view, stable, selected: selected.slice(0, end) }
}

/** Above what the base began with. @returns undefined: undecided */
function choose(
  supports: readonly Support[],
  members: number,
  { byzantine, oneCorrect }: Quorums
): Uint8Array | 'free' | undefined {
  const prepared = supports.reduce((sum, support) => sum + support.prepared, 0)
  const possible = supports.filter(
    (support) =>
      // A1: a quorum is not prepared for another digest.
      members - (prepared - support.prepared) >= byzantine &&
      // A2: one correct member at least voted for it.
      support.voted >= oneCorrect
  )
  if (possible.length > 0) {
    return possible.map(({ digest }) => digest).reduce((a, b) => (compareBytes(a, b) <= 0 ? a : b))
  }
  // B: a quorum is prepared for nothing.
  return members - prepared >= byzantine ? 'free' : undefined
}

/** Only votes of the highest base count: who has an older one was not there when that base was certified. */
function supportByNumber(
  changes: readonly ViewChange[],
  base: number
): ReadonlyMap<number, ReadonlyMap<string, Support>> {
  const numbers = new Map<number, Map<string, Support>>()
  for (const change of changes) {
    if (change.base !== base) continue
    for (const { sequence, digest, prepared } of change.votes) {
      const supports = numbers.get(sequence) ?? new Map<string, Support>()
      numbers.set(sequence, supports)
      const text = toHex(digest)
      const support = supports.get(text) ?? { digest, voted: 0, prepared: 0 }
      supports.set(text, support)
      support.voted++
      if (prepared) support.prepared++
    }
  }
  return numbers
}
