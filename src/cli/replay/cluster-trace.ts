/** `byzkit replay` of what `cluster` wrote: real processes do nothing twice, so it is drawn as it was recorded. */
import type { Violation } from '../../checkers/violation.ts'
import { CLUSTER_TRACE_FORMAT, CLUSTER_TRACE_VERSION } from '../../cluster/trace-lines.ts'
import { isWithin } from '../../core/parameters.ts'
import { readEvent, readViolation } from '../../laboratory/event-file.ts'
import { EXIT_OK, type ExitStatus, UsageError } from '../../program/errors.ts'
import { readLines } from '../../program/files/read-lines.ts'
import { type Output, oneLine, printable } from '../../program/output.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { REPLAY_LINE_CHARACTERS_MAX, TRACE_BYTES_MAX } from './bounds.ts'
import { type Drawings, writeDrawings } from './drawings.ts'
import { mapLeaves } from './leaves.ts'
import { beginsWith } from './opening.ts'

/** Members and clients; more lanes than that nobody reads. */
const PROCESSES_MAX = 256

export const isClusterTrace = (path: string): Promise<boolean> =>
  beginsWith(path, `{"format":"${CLUSTER_TRACE_FORMAT}"`)

interface Header {
  readonly stack: string
  readonly members: number
  readonly f: number
  readonly byzantine: readonly number[]
  readonly behaviour: string | null
}

interface ReadCluster {
  readonly header: Header
  readonly events: readonly TraceEvent[]
  readonly verdict: string
  readonly violations: readonly Violation[]
}

export async function replayClusterTrace(
  path: string,
  options: Drawings & { readonly all?: boolean },
  output: Output
): Promise<ExitStatus> {
  const { header, events, verdict, violations } = await readCluster(path)
  const { stack, members, byzantine, behaviour } = header
  const liars = byzantine.length === 0 ? '' : `, Byzantine: ${byzantine.map((id) => `p${id}`).join(', ')}`
  const run: DrawnRun = {
    title: `${stack}, ${members} processes of a cluster${liars}${behaviour === null ? '' : ` (${behaviour})`}`,
    members: Math.max(members, ...events.map(({ process }) => process + 1)),
    groupSize: members,
    byzantine,
    events,
    violations,
    explanation: []
  }
  for (const event of events) output.event(event)
  const written = await writeDrawings(run, options)
  const { columns, colors } = output
  output.result(
    { ...header, events: events.length, verdict, violations, ...(written.length > 0 && { written }) },
    written.length > 0
      ? written.map((file) => `the cluster is drawn in ${printable(file)}`).join('\n')
      : [
          colors.bold(run.title),
          spaceTimeDiagram(events, { ...run, all: options.all ?? false, colors, columns })
        ].join('\n')
  )
  return EXIT_OK
}

/** @throws {UsageError} in one line that says what is wrong with the file, and where */
async function readCluster(path: string): Promise<ReadCluster> {
  let header: Header | undefined
  let end: Pick<ReadCluster, 'verdict' | 'violations'> | undefined
  const events: TraceEvent[] = []
  let number = 0
  const fail = (problem: string): never => {
    throw new UsageError(`${printable(path)}: line ${number} ${oneLine(problem)}`)
  }
  const bounds = { bytesMax: TRACE_BYTES_MAX, lineCharactersMax: REPLAY_LINE_CHARACTERS_MAX }
  await readLines(path, bounds, (text) => {
    number++
    if (text.trim() === '') return
    if (end !== undefined) fail('comes after the verdict')
    const value = parsed(text) ?? fail('is not a JSON object')
    if (header === undefined) header = headerOf(value) ?? fail('is no header of a cluster of this version')
    else if (value.kind === 'verdict') end = endOf(value, fail)
    else events.push(eventOf(value, fail))
  })
  if (header === undefined || end === undefined)
    throw new UsageError(`${printable(path)}: it has no verdict at its end: the cluster was interrupted`)
  return { header, events, ...end }
}

type Line = { readonly [name: string]: unknown }

function parsed(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined
  } catch {
    // It is said which line that is.
    return undefined
  }
}

function headerOf(line: Line): Header | undefined {
  const { version, stack, members, f, byzantine, behaviour } = line
  const isRank = (rank: unknown) => isWithin(rank, 0, PROCESSES_MAX - 1)
  const isRight =
    version === CLUSTER_TRACE_VERSION &&
    typeof stack === 'string' &&
    isWithin(members, 1, PROCESSES_MAX) &&
    isWithin(f, 0, PROCESSES_MAX) &&
    Array.isArray(byzantine) &&
    byzantine.every(isRank) &&
    (behaviour === null || typeof behaviour === 'string')
  if (!isRight) return
  const text = (given: string) => printable(given)
  const behaves = behaviour === null ? null : text(behaviour)
  return { stack: text(stack), members, f, byzantine, behaviour: behaves }
}

function eventOf(line: Line, fail: (problem: string) => never): TraceEvent {
  const event = readEvent(withHashes(line), PROCESSES_MAX)
  return typeof event === 'string' ? fail(event) : (mapLeaves(event, { text: printable }) as TraceEvent)
}

function endOf(line: Line, fail: (problem: string) => never): Pick<ReadCluster, 'verdict' | 'violations'> {
  const { verdict, violations } = line
  if (typeof verdict !== 'string' || !Array.isArray(violations)) return fail('is no verdict')
  return {
    verdict: printable(verdict),
    violations: violations.map((given) => {
      const violation = readViolation(given, PROCESSES_MAX)
      return typeof violation === 'string'
        ? fail(violation)
        : (mapLeaves(violation, { text: printable }) as Violation)
    })
  }
}

/** In place of a byte string its hash is drawn, which tells it from others. */
function withHashes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withHashes)
  const { bytes, sha256, ...rest } = value as Line
  if (isWithin(bytes, 0, Number.MAX_SAFE_INTEGER) && typeof sha256 === 'string' && isEmpty(rest))
    return { hex: sha256 }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withHashes(inner)]))
}

const isEmpty = (value: object) => Object.keys(value).length === 0
