/** A simulated run from its trace file: run again and compared or, if its protocol is not known here, as recorded. */
import type { Violation } from '../../checkers/violation.ts'
import { isKnown } from '../../laboratory/run-config.ts'
import {
  type ReadTrace,
  readEvents,
  repeatEdited,
  repeatTrace,
  TraceReader
} from '../../laboratory/trace-file.ts'
import { UsageError } from '../../program/errors.ts'
import { readLines } from '../../program/files/read-lines.ts'
import { printable } from '../../program/output.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { StopCauses } from '../simulate/what-stopped.ts'
import { REPLAY_LINE_CHARACTERS_MAX, TRACE_BYTES_MAX } from './bounds.ts'
import { drawnRun, STATES_EVENTS_MAX } from './drawn-run.ts'
import { mapLeaves } from './leaves.ts'
import { type OwnProtocolFile, requireRunOf } from './own-protocol.ts'

export interface ReplayedRun {
  readonly run: DrawnRun
  /** For machines. */
  readonly summary: { readonly [name: string]: unknown }
  /** Whether it was run again. */
  readonly repeated: boolean
}

export interface Wanted {
  /** The state of each process after each step. */
  readonly states: boolean
  /** The file was edited on purpose: what it says now is run. */
  readonly edited: boolean
  readonly own: OwnProtocolFile | undefined
}

export async function replaySimulation(
  path: string,
  wanted: Wanted,
  onEvent: (event: TraceEvent) => void
): Promise<ReplayedRun> {
  const trace = await readTraceFile(path, wanted)
  const { setup, end, schedule } = trace
  const { own } = wanted
  requireRunOf(own, path, setup.protocol)
  const repeated = isKnown(setup.protocol)
  if (wanted.edited && !repeated)
    throw new UsageError(
      `--edited: ${setup.protocol} is no protocol of byzkit: --protocol FILE must say how it runs`
    )
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
  let { digest } = end
  if (repeated) {
    const repeat = wanted.edited ? repeatEdited : repeatTrace
    const causes = new StopCauses()
    const states = wanted.states && end.events <= STATES_EVENTS_MAX
    const run = repeat(path, trace, see, states, causes.onStop)
    violations = own === undefined ? run.violations : causes.explained(run.violations, run.result.history)
    skipped = run.skipped
    digest = run.result.digest
  } else for (const event of readEvents(path, trace)) see(event)
  return {
    repeated,
    run: drawnRun(setup, events, violations),
    summary: {
      ...setup,
      repeated,
      ...(wanted.edited && { edited: true }),
      choices: schedule.length,
      skipped,
      events: events.reduce((sum, { kind }) => (kind === 'state' ? sum : sum + 1), 0),
      digest,
      violations
    }
  }
}

async function readTraceFile(path: string, { edited }: Wanted): Promise<ReadTrace> {
  const reader = new TraceReader(path, { edited })
  // Line by line: a trace may be larger than memory.
  const bounds = { bytesMax: TRACE_BYTES_MAX, lineCharactersMax: REPLAY_LINE_CHARACTERS_MAX }
  await readLines(path, bounds, (line) => {
    if (line.trim() !== '') reader.line(line)
  })
  return reader.end()
}
