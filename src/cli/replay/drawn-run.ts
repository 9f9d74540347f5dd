/** A simulated run as it is drawn. */
import type { Violation } from '../../checkers/violation.ts'
import { explain } from '../../laboratory/explain.ts'
import type { Recording } from '../../laboratory/recording.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'

/** Of longer runs the states are not told: they would be most of the page. */
export const STATES_EVENTS_MAX = 5000

export function drawnRun(
  setup: Recording['setup'],
  events: readonly TraceEvent[],
  violations: readonly Violation[]
): DrawnRun {
  const { protocol, members, clients, byzantine, seed } = setup
  const liars = byzantine.length > 0 ? `, Byzantine: ${byzantine.map((id) => `p${id}`).join(', ')}` : ''
  const [violation] = violations
  return {
    title: `${protocol}, ${members} members${liars}, seed ${seed}`,
    // Clients have lanes too.
    members: members + clients,
    groupSize: members,
    byzantine,
    events,
    violations,
    explanation: violation === undefined ? [] : explain(events, violation, byzantine)
  }
}
