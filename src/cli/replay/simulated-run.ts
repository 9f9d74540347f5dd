/** A simulated run from its trace file: run again and compared or, if its protocol is not known here, as recorded. */
import type { Violation } from '../../checkers/violation.ts'
import { explain } from '../../laboratory/explain.ts'
import { isKnown } from '../../laboratory/run-config.ts'
import { type ReadTrace, readEvents, repeatTrace, TraceReader } from '../../laboratory/trace-file.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { printable } from '../output.ts'
import { readLines } from '../read-lines.ts'
import { REPLAY_LINE_CHARACTERS_MAX, TRACE_BYTES_MAX } from './bounds.ts'
import { mapLeaves } from './leaves.ts'

export interface ReplayedRun {
  readonly run: DrawnRun
  /** For machines. */
  readonly summary: { readonly [name: string]: unknown }
  /** Whether it was run again. */
  readonly repeated: boolean
}

/** Of longer runs the states are not told: they would be most of the page. */
const STATES_EVENTS_MAX = 5000

/** @param wantsStates - whether the state of each process is wanted after each step */
export async function replaySimulation(
  path: string,
  wantsStates: boolean,
  onEvent: (event: TraceEvent) => void
): Promise<ReplayedRun> {
  const trace = await readTraceFile(path)
  const { setup, end, schedule } = trace
  const repeated = isKnown(setup.protocol)
  const events: TraceEvent[] = []
  // What stands in a file is not for a terminal as it is; what is run again here is.
  const shown = (event: TraceEvent) =>
    repeated ? event : (mapLeaves(event, { text: printable }) as TraceEvent)
  const see = (event: TraceEvent) => {
    events.push(shown(event))
    if (event.kind !== 'state') onEvent(event)
  }
  let violations: readonly Violation[] = end.violations.map(
    (violation) => mapLeaves(violation, { text: printable }) as Violation
  )
  let skipped = 0
  if (repeated) {
    const run = repeatTrace(path, trace, see, wantsStates && end.events <= STATES_EVENTS_MAX)
    violations = run.violations
    skipped = run.skipped
  } else for (const event of readEvents(path, trace)) see(event)
  const [violation] = violations
  return {
    repeated,
    run: {
      title: titleOf(trace),
      members: setup.members,
      byzantine: setup.byzantine,
      events,
      violations,
      explanation: violation === undefined ? [] : explain(events, violation, setup.byzantine)
    },
    summary: {
      ...setup,
      repeated,
      choices: schedule.length,
      skipped,
      events: end.events,
      digest: end.digest,
      violations
    }
  }
}

function titleOf({ setup: { protocol, members, byzantine, seed } }: ReadTrace): string {
  const liars = byzantine.length > 0 ? `, Byzantine: ${byzantine.map((id) => `p${id}`).join(', ')}` : ''
  return `${protocol}, ${members} members${liars}, seed ${seed}`
}

async function readTraceFile(path: string): Promise<ReadTrace> {
  const reader = new TraceReader(path)
  // Line by line: a trace may be larger than memory.
  const bounds = { bytesMax: TRACE_BYTES_MAX, lineCharactersMax: REPLAY_LINE_CHARACTERS_MAX }
  await readLines(path, bounds, (line) => {
    if (line.trim() !== '') reader.line(line)
  })
  return reader.end()
}
