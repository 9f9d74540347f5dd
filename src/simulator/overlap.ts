/** What ran at the same time: a run in which no operation overlapped a fault proves little. */
import type { Story } from './application.ts'
import type { HistoryEvent } from './history.ts'

/** Microseconds. */
export type Span = readonly [from: number, until: number]

/** How many faults fell within some operation, from where it begins to where it ends, or to the end of the run. */
export function overlapping(
  events: readonly HistoryEvent[],
  faults: readonly Span[],
  end: number,
  { begun, ended }: Story
): number {
  const operations = new Map<string, [from: number, until: number]>()
  for (const event of events) {
    const started = begun(event)
    if (started !== undefined) operations.set(started, [event.time, end])
    const operation = operations.get(ended(event) ?? '')
    if (operation !== undefined) operation[1] = event.time
  }
  const spans = [...operations.values()]
  return faults.filter(([from, until]) => spans.some(([start, last]) => from <= last && start <= until))
    .length
}
