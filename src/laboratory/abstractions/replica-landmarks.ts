/** Situations of agreement that no single member sees: by which views members entered, and what they executed there. */
import { executedAt, toldBy } from '../../checkers/replicas.ts'
import { primaryOf } from '../../consensus/pbft/messages.ts'
import type { ProcessId } from '../../core/group.ts'
import { byzantineQuorum } from '../../core/quorum.ts'
import type { RunMembers } from '../../simulator/application.ts'
import type { HistoryEvent } from '../../simulator/history.ts'

/** The view that a member enters there, if it enters one. */
export function enteredAt(event: HistoryEvent): number | undefined {
  const told = toldBy(event)
  return told?.name === 'view' ? Number(told.values.view) : undefined
}

/**
 * - `executed-in-several-views`: something before a view began, and something after it;
 * - `views-without-a-command`: a member entered two views, and executed no command between them, but one later;
 * - `view-of-a-few`: a view was certified, and left by all before a quorum had entered it;
 * - `liar-led-a-view`: correct members entered a view whose primary is a liar.
 */
export function replicaLandmarks(
  events: readonly HistoryEvent[],
  { n, f, liars }: RunMembers
): readonly string[] {
  const entered = new Map<number, Set<ProcessId>>()
  for (const event of events) {
    const view = enteredAt(event)
    if (view !== undefined) entered.set(view, (entered.get(view) ?? new Set()).add(event.process))
  }
  const last = Math.max(0, ...entered.keys())
  const isOfFew = ([view, members]: readonly [number, ReadonlySet<ProcessId>]) =>
    view < last && members.size + liars.length < byzantineQuorum(n, f)
  return [
    ...(hasSeveralViews(events) ? ['executed-in-several-views'] : []),
    ...(hasIdleView(events) ? ['views-without-a-command'] : []),
    ...([...entered].some(isOfFew) ? ['view-of-a-few'] : []),
    ...([...entered.keys()].some((view) => liars.includes(primaryOf(view, { n }))) ? ['liar-led-a-view'] : [])
  ]
}

function hasSeveralViews(events: readonly HistoryEvent[]): boolean {
  let executed = false
  let changed = false
  return events.some((event) => {
    if (enteredAt(event) !== undefined) changed ||= executed
    if (executedAt(event) === undefined) return false
    executed = true
    return changed
  })
}

function hasIdleView(events: readonly HistoryEvent[]): boolean {
  const views = new Map<ProcessId, number>()
  return events.some((event) => {
    const { process } = event
    const before = views.get(process) ?? 0
    if (enteredAt(event) !== undefined) views.set(process, before + 1)
    if ((executedAt(event)?.commands ?? []).length === 0) return false
    views.delete(process)
    return before > 1
  })
}
