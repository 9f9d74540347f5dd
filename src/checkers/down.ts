/** Who is down when a run ends: in the crash models, who is not correct. */
import type { ProcessId } from '../core/group.ts'
import type { HistoryEvent } from '../simulator/history.ts'

/** Those that have crashed and did not come back. One that was stopped by an error of its own is judged for that. */
export function downAtEnd(events: readonly HistoryEvent[]): ReadonlySet<ProcessId> {
  const down = new Set<ProcessId>()
  for (const { kind, process } of events) {
    if (kind === 'crash') down.add(process)
    else if (kind === 'restart') down.delete(process)
  }
  return down
}
