/**
 * Trace files: JSON lines. The first line is the header with the setup of the run; then every choice, from which it
 * can be repeated exactly; then every event, in order; the last line has the run's digest and what was violated.
 *
 * Byte strings of events are `{"hex": "..."}`. docs/trace-format.md describes every line.
 */
import type { Violation } from '../checkers/violation.ts'
import { fromHex, toHex } from '../core/bytes.ts'
import { TraceDigest } from '../simulator/digest.ts'
import type { Choice } from '../simulator/schedule.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'
import { readChoice } from './choice-file.ts'
import { type Recording, type RepeatedRun, repeatRun } from './recording.ts'
import { isKnown, type Setup } from './run-config.ts'
import { readSetup } from './setup-file.ts'
import { TraceFileError } from './trace-error.ts'

export const TRACE_FORMAT = 'byzkit-trace'
export const TRACE_VERSION = 2

export interface TraceHeader {
  readonly format: typeof TRACE_FORMAT
  readonly version: typeof TRACE_VERSION
  readonly setup: Setup
}

export interface TraceEnd {
  readonly kind: 'end'
  readonly digest: string
  /** How many events, and a digest of their lines: whether somebody edited them. */
  readonly events: number
  readonly eventsDigest: string
  readonly violations: readonly Violation[]
}

/** Repeats the run, and tells each line of its trace file, and each event. */
export function writeTrace(
  recording: Recording,
  line: (line: string) => void,
  sink: (event: TraceEvent) => void = () => {}
): RepeatedRun {
  const header: TraceHeader = { format: TRACE_FORMAT, version: TRACE_VERSION, setup: recording.setup }
  line(toLine(header))
  for (const choice of recording.schedule) line(toLine({ choice }))
  const told = new EventLines()
  const run = repeatRun(recording, {
    sink: (event) => {
      const text = toLine(event)
      told.add(text)
      line(text)
      sink(event)
    }
  })
  const end: TraceEnd = {
    kind: 'end',
    digest: run.result.digest,
    events: told.count,
    eventsDigest: told.digest,
    violations: run.violations
  }
  line(toLine(end))
  return run
}

export interface ReadTrace extends Recording {
  readonly end: TraceEnd
  /** The lines of its events; kept where the protocol is not known here, so that the run can only be shown. */
  readonly lines: readonly string[]
}

/** Reads a trace file line by line, so that it need not fit into memory. */
export class TraceReader {
  readonly #path: string
  readonly #schedule: Choice[] = []
  readonly #told = new EventLines()
  readonly #lines: string[] = []
  #setup: Setup | undefined
  #end: TraceEnd | undefined
  #count = 0

  constructor(path: string) {
    this.#path = path
  }

  /** @throws TraceFileError that says in one line what is wrong with the file, and where */
  line(text: string): void {
    this.#count++
    if (this.#end !== undefined) this.#fail('comes after the end of the trace')
    const value = this.#parse(text)
    if (this.#setup === undefined) this.#setup = this.#header(value)
    else if ('choice' in value) this.#choice(value.choice)
    else if ('kind' in value && value.kind === 'end') this.#end = this.#readEnd(value)
    else {
      this.#told.add(text)
      if (!isKnown(this.#setup.protocol)) this.#lines.push(text)
    }
  }

  end(): ReadTrace {
    if (this.#setup === undefined) throw new TraceFileError(`${this.#path}: empty`)
    if (this.#end === undefined) {
      throw new TraceFileError(`${this.#path}: truncated: its last line is not the end of a trace`)
    }
    const { events, eventsDigest } = this.#end
    if (events !== this.#told.count || eventsDigest !== this.#told.digest) {
      throw new TraceFileError(
        `${this.#path}: edited: its events are not those that its last line vouches for`
      )
    }
    return { setup: this.#setup, schedule: this.#schedule, end: this.#end, lines: this.#lines }
  }

  #parse(text: string): object {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      value = undefined
    }
    if (typeof value !== 'object' || value === null) this.#fail('is not a JSON object')
    return value
  }

  #header(value: object): Setup {
    const { format, version, setup } = value as { [name: string]: unknown }
    if (format !== TRACE_FORMAT) {
      throw new TraceFileError(
        `${this.#path}: not a trace of a simulated run: its first line says ${JSON.stringify(format ?? 'nothing')} as its format, not ${TRACE_FORMAT}`
      )
    }
    if (version !== TRACE_VERSION) {
      throw new TraceFileError(
        `${this.#path}: trace version ${JSON.stringify(version ?? null)}, this byzkit reads ${TRACE_VERSION}`
      )
    }
    const read = readSetup(setup)
    if (typeof read === 'string') this.#fail(`: ${read}`)
    return read
  }

  #choice(value: unknown): void {
    const choice = readChoice(value)
    if (typeof choice === 'string') this.#fail(`: ${choice}`)
    this.#schedule.push(choice)
  }

  #readEnd(value: object): TraceEnd {
    const { digest, events, eventsDigest, violations } = value as { [name: string]: unknown }
    if (typeof digest !== 'string' || typeof eventsDigest !== 'string' || !Number.isSafeInteger(events))
      this.#fail('is not the end of a trace')
    if (!Array.isArray(violations)) this.#fail('has no list of violations')
    return value as TraceEnd
  }

  #fail(what: string): never {
    throw new TraceFileError(`${this.#path}: line ${this.#count}${what.startsWith(':') ? '' : ' '}${what}`)
  }
}

/**
 * Repeats the run of a trace file and makes sure that it is the same, event for event.
 *
 * @throws TraceFileError if it is not
 */
export function repeatTrace(
  path: string,
  trace: ReadTrace,
  sink: (event: TraceEvent) => void,
  states = false
): RepeatedRun {
  const told = new EventLines()
  const run = repeatRun(trace, {
    states,
    sink: (event) => {
      if (event.kind !== 'state') told.add(toLine(event))
      sink(event)
    }
  })
  const { digest, eventsDigest } = trace.end
  if (run.result.digest !== digest || told.digest !== eventsDigest) {
    throw new TraceFileError(
      `${path}: the run cannot be repeated: its digest is ${run.result.digest} here and ${digest} in the file, so it was made by another version or edited`
    )
  }
  return run
}

/** The events of a trace as they were recorded. @throws TraceFileError */
export function readEvents(path: string, { lines, setup }: ReadTrace): TraceEvent[] {
  return lines.map((line) => {
    const event = JSON.parse(line, revive) as TraceEvent
    if (!Number.isSafeInteger(event.time) || !(event.process >= 0 && event.process < setup.members)) {
      throw new TraceFileError(`${path}: an event without a time, or of no process: ${line.slice(0, 100)}`)
    }
    return event
  })
}

/** Byte strings are `{"hex": "..."}`. */
function revive(_: string, value: unknown): unknown {
  const hex = typeof value === 'object' && value !== null && 'hex' in value ? value.hex : undefined
  return typeof hex === 'string' && /^(?:[0-9a-f]{2})*$/.test(hex) ? fromHex(hex) : value
}

class EventLines {
  readonly #digest = new TraceDigest()
  count = 0

  add(line: string): void {
    this.count++
    this.#digest.addText(line)
  }

  get digest(): string {
    return this.#digest.hex()
  }
}

function toLine(value: object): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? { hex: toHex(inner) } : inner
  )
}
