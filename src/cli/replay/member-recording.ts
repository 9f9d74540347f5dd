/** `byzkit replay` of what `node --record` wrote: repeats what the member did, and draws it. */
import { toHex } from '../../core/bytes.ts'
import { MemberReplay, type Replayed } from '../../laboratory/replayed-member.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus } from '../../program/errors.ts'
import { readLines } from '../../program/files/read-lines.ts'
import { type Output, printable } from '../../program/output.ts'
import { RECORDING_FORMAT } from '../../recording/recording-format.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import type { Stack } from '../../stacks/stack.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { RECORDING_BYTES_MAX, REPLAY_LINE_CHARACTERS_MAX } from './bounds.ts'
import { type Drawings, writeDrawings } from './drawings.ts'
import { mapLeaves } from './leaves.ts'
import { beginsWith } from './opening.ts'

/** So many events are drawn, the last ones: a member may have run for days. */
const EVENTS_DRAWN_MAX = 10_000

const OPENING = `{"format":"${RECORDING_FORMAT}"`

export const isMemberRecording = (path: string): Promise<boolean> => beginsWith(path, OPENING)

export interface DrawnRecording {
  readonly replayed: Replayed
  readonly run: DrawnRun
  /** How many events there were; {@link DrawnRun.events} has the last of them. */
  readonly events: number
}

/**
 * @param own - what the member ran, if that is no stack of byzkit
 * @param tell - is told every event. @throws {TraceFileError} or {UsageError}, if the file cannot be used
 */
async function replayMember(
  path: string,
  own: Stack | undefined,
  tell: (event: TraceEvent) => void
): Promise<DrawnRecording> {
  let last: TraceEvent[] = []
  let events = 0
  const member = new MemberReplay({
    name: path,
    ...(own !== undefined && { stack: own }),
    sink: (event) => {
      events++
      tell(event)
      last.push(event)
      if (last.length === 2 * EVENTS_DRAWN_MAX) last = last.slice(-EVENTS_DRAWN_MAX)
    }
  })
  const bounds = { bytesMax: RECORDING_BYTES_MAX, lineCharactersMax: REPLAY_LINE_CHARACTERS_MAX }
  await readLines(path, bounds, (line) => member.line(line))
  const replayed = member.end()
  const { self, incarnation, stack, group } = replayed.header
  const run: DrawnRun = {
    title: `member ${self} of ${group.publicKeys.length}, f = ${group.f}: ${stack}, life ${incarnation}`,
    members: Math.max(group.publicKeys.length, self + 1),
    byzantine: [],
    events: last.slice(-EVENTS_DRAWN_MAX).map((event) => mapLeaves(event, { text: printable }) as TraceEvent),
    violations: [],
    explanation: []
  }
  return { replayed, run, events }
}

export async function replayMemberRecording(
  path: string,
  options: Drawings & { readonly all?: boolean },
  own: Stack | undefined,
  output: Output
): Promise<ExitStatus> {
  const told = output.json
    ? (event: TraceEvent) => output.event(mapLeaves(event, { bytes: (bytes) => ({ hex: toHex(bytes) }) }))
    : () => {}
  const { replayed, run, events } = await replayMember(path, own, told)
  const { header, steps, ending, torn, digest, difference } = replayed
  const reproduced = difference === undefined
  const written = await writeDrawings(run, options)
  output.result(
    {
      format: header.format,
      member: header.self,
      members: run.members,
      faults: header.group.f,
      protocol: header.stack,
      incarnation: header.incarnation,
      inputs: steps,
      events,
      ending,
      torn,
      digest,
      verdict: reproduced ? 'reproduced' : 'differs',
      difference: difference ?? null,
      ...(written.length > 0 && { written })
    },
    [
      output.colors.bold(run.title),
      ...(events > run.events.length
        ? [output.colors.dim(`the last ${run.events.length} of ${events} events; --json gives all`)]
        : []),
      written.length > 0
        ? written.map((file) => `it is drawn in ${printable(file)}`).join('\n')
        : spaceTimeDiagram(run.events, {
            ...run,
            all: options.all ?? false,
            judged: false,
            colors: output.colors,
            columns: output.columns
          }),
      verdict(path, replayed, output)
    ].join('\n')
  )
  return reproduced ? EXIT_OK : EXIT_FAILED
}

const ENDINGS: { readonly [K in Replayed['ending']]: string } = {
  stopped: 'then the member was stopped',
  crashed: 'then the member stopped as in a crash',
  none: 'there is no end: the member was killed, or the recording stopped'
}

function verdict(path: string, { steps, ending, torn, difference }: Replayed, { colors }: Output): string {
  if (difference !== undefined) {
    return colors.red(
      `${printable(path)}: the replay differs at ${printable(difference)}: the recording was edited, or made by another version of byzkit`
    )
  }
  const left = torn ? '; its last line is incomplete and was left out' : ''
  return `${colors.green('reproduced')}  all that the member did at ${steps} inputs; ${ENDINGS[ending]}${left}`
}
