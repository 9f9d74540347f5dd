/**
 * Trace files: JSON lines. The first line is the header with the configuration and the seed of the run, from which
 * it can be repeated exactly; then each event, in order; the last line has the run's digest and what was violated.
 *
 * Byte strings are `{"hex": "..."}`.
 */
import type { Violation } from '../checkers/violation.ts'
import { toHex } from '../core/bytes.ts'
import { simulate } from '../simulator/simulation.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'
import { judge } from './campaign.ts'
import { planRun, type RunConfig } from './run-config.ts'

export const TRACE_FORMAT = 'byzkit-trace'
export const TRACE_VERSION = 1

export interface TraceHeader extends RunConfig {
  readonly format: typeof TRACE_FORMAT
  readonly version: typeof TRACE_VERSION
  readonly seed: number
}

export interface TraceEnd {
  readonly kind: 'end'
  readonly digest: string
  readonly byzantine: readonly number[]
  readonly violations: readonly Violation[]
}

export class TraceFileError extends Error {
  override name = 'TraceFileError'
}

/** Runs it once more, telling every event. */
export function traceRun(config: RunConfig, seed: number, onEvent: (event: TraceEvent) => void): TraceEnd {
  const result = simulate({ ...planRun(config, seed), sink: onEvent })
  return {
    kind: 'end',
    digest: result.digest,
    byzantine: result.byzantine,
    violations: judge(config, result)
  }
}

/** The lines of the trace file of a run. */
export function traceLines(config: RunConfig, seed: number): string[] {
  const header: TraceHeader = { format: TRACE_FORMAT, version: TRACE_VERSION, ...config, seed }
  const lines = [toLine(header)]
  const end = traceRun(config, seed, (event) => lines.push(toLine(event)))
  lines.push(toLine(end))
  return lines
}

export interface ReadTrace {
  readonly config: RunConfig
  readonly seed: number
  readonly lines: readonly string[]
  readonly end: TraceEnd
}

/** @throws TraceFileError that says in one line what is wrong with the file, and where */
export function readTrace(path: string, text: string): ReadTrace {
  const lines = text.split('\n').filter((line) => line !== '')
  const header = parseLine(path, lines, 0) as Partial<TraceHeader>
  if (header.format !== TRACE_FORMAT)
    throw new TraceFileError(
      `${path}: not a trace of a simulated run: its first line says ${JSON.stringify(header.format ?? 'nothing')} as its format, not ${TRACE_FORMAT}`
    )
  if (header.version !== TRACE_VERSION) {
    throw new TraceFileError(
      `${path}: trace version ${String(header.version)}, this byzkit reads ${TRACE_VERSION}`
    )
  }
  const end = parseLine(path, lines, lines.length - 1) as Partial<TraceEnd>
  if (end.kind !== 'end' || typeof end.digest !== 'string') {
    throw new TraceFileError(`${path}: truncated: its last line is not the end of a trace`)
  }
  const { protocol, members, faults, byzantine, adversary, links, crypto, signedSend, seed } =
    header as TraceHeader
  const numbers = [members, faults, byzantine, seed]
  const names = [protocol, links, crypto, adversary ?? '']
  if (!numbers.every(Number.isSafeInteger) || !names.every((name) => typeof name === 'string')) {
    throw new TraceFileError(`${path}: line 1: the configuration is not complete`)
  }
  const config = { protocol, members, faults, byzantine, adversary, links, crypto, signedSend }
  return { config, seed, lines, end: end as TraceEnd }
}

function parseLine(path: string, lines: readonly string[], index: number): object {
  try {
    const value: unknown = JSON.parse(lines[index] ?? '')
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // reported below, as one line
  }
  throw new TraceFileError(`${path}: line ${index + 1} is not a JSON object`)
}

function toLine(value: object): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? { hex: toHex(inner) } : inner
  )
}
