/**
 * Space: what a correct member keeps is within the bounds that its parts name, whatever liars send. Judged of the
 * states that components show.
 */
import { PENDING_REQUESTS_MAX, STATES_KEPT } from '../../consensus/pbft/constants.ts'
import type { PlainValue } from '../../core/trace.ts'

export const SPACE = {
  kind: 'safety',
  witnessed: true,
  sentence: 'what a correct member keeps for agreement is within its bounds'
} as const

/** What the bounds depend on. */
export interface SpaceTerms {
  readonly members: number
  /** Numbers that are open at once. */
  readonly window: number
  readonly checkpointEvery: number
  /** Batches that are kept for who is behind. */
  readonly batchesRetained: number
}

type State = { readonly [name: string]: PlainValue }

/** What of a state of agreement is beyond its bound, in words. */
export function beyondBounds(state: PlainValue, terms: SpaceTerms): readonly string[] {
  const { members, window, checkpointEvery, batchesRetained } = terms
  const { ordering, execution, checkpoints, viewChanges, waiting, pool, batches, catchUp } = recordOf(state)
  const { accepted, starts, changes, newViews, latest } = viewsOf(viewChanges)
  const { committed, claims, retained } = recordOf(execution)
  const { signed, own } = recordOf(checkpoints)
  const { stored, inMemory } = recordOf(batches)
  const slots = listOf(ordering)
  const kept = listOf(retained).length
  // Who is behind keeps what it has of the numbers that it has not executed.
  const behind = Math.max(0, Number(recordOf(state).stable ?? 0) - Number(recordOf(state).executed ?? 0))
  // Of the view and of each accepted start since it was entered; of claims and of what waits to be executed.
  const open = window * (3 + accepted) + behind
  const bounds: readonly (readonly [what: string, count: number, bound: number])[] = [
    // Of its own window, and of what its view has begun with.
    ['open numbers', slots.length, 2 * window + behind],
    ['votes at one number', largest(slots, votesOf), 2 * members],
    ['VIEW-CHANGEs', changes, members],
    ['NEW-VIEWs', newViews, members],
    ['ACCEPTs', latest, members],
    ['certified starts', starts, 2 * members],
    ['numbers with claims', listOf(claims).length, window],
    ['numbers to be executed', listOf(committed).length, window + Math.min(behind, batchesRetained)],
    ['retained batches', kept, batchesRetained],
    ['checkpoints with signatures', listOf(signed).length, window / checkpointEvery],
    ['own states', listOf(own).length, STATES_KEPT + 1 + (2 * window) / checkpointEvery],
    ['requests that wait', listOf(pool).length, 2 * members * PENDING_REQUESTS_MAX],
    ['ages', listOf(recordOf(waiting).ages).length, listOf(pool).length + 2 * window + PENDING_REQUESTS_MAX],
    ['bodies on disk', listOf(stored).length, kept + open],
    ['bodies in memory', listOf(inMemory).length, open],
    ['members that were told something', listOf(catchUp).length, members]
  ]
  return bounds
    .filter(([, count, bound]) => count > bound)
    .map(([what, count, bound]) => `${count} ${what}, more than ${bound}`)
}

function viewsOf(state: PlainValue | undefined) {
  const { changes, newViews, acceptances, starts } = recordOf(state)
  const { latest, own } = recordOf(acceptances)
  return {
    changes: listOf(changes).length,
    newViews: listOf(newViews).length,
    latest: listOf(latest).length,
    accepted: listOf(own).length,
    starts: listOf(starts).length
  }
}

/** Votes of one number, over all digests. */
const votesOf = (slot: PlainValue): number =>
  [recordOf(slot).prepares, recordOf(slot).commits]
    .flatMap((tally) => listOf(tally).map((one) => listOf(recordOf(one).voters).length))
    .reduce((sum, count) => sum + count, 0)

const largest = (list: readonly PlainValue[], of: (one: PlainValue) => number): number =>
  list.reduce<number>((most, one) => Math.max(most, of(one)), 0)

const listOf = (value: PlainValue | undefined): readonly PlainValue[] => (Array.isArray(value) ? value : [])

const recordOf = (value: PlainValue | undefined): State =>
  typeof value === 'object' && value !== null ? (value as State) : {}
