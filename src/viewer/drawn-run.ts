/** What is drawn of a run: the same for the terminal, the page and ShiViz. */
import type { Violation } from '../checkers/violation.ts'
import type { ProcessId } from '../core/group.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'

export interface DrawnRun {
  /** One line: protocol, size, adversary, seed. */
  readonly title: string
  readonly members: number
  /** Members of the group, where clients have lanes too. Default: all that have one. */
  readonly groupSize?: number
  readonly byzantine: readonly ProcessId[]
  readonly events: readonly TraceEvent[]
  readonly violations: readonly Violation[]
  /** Indices of events: the shortest causal chain from a fault to the first violation; empty if there is none. */
  readonly explanation: readonly number[]
}
