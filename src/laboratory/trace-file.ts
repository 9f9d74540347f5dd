/**
 * Trace files: JSON lines. The first line is the header with the setup of the run; then every choice, from which it
 * can be repeated exactly; then every event, in order; the last line has the run's digest and what was violated, and
 * vouches for every line.
 *
 * Byte strings of events are `{"hex": "..."}`. docs/trace-format.md describes every line.
 */
import type { Violation } from '../checkers/violation.ts'
import { toHex } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { isWithin, shown } from '../core/parameters.ts'
import { TraceDigest } from '../simulator/digest.ts'
import type { Choice } from '../simulator/schedule.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'
import { readChoice } from './choice-file.ts'
import { isShallow, readEvent, readViolation } from './event-file.ts'
import { type Recording, type RepeatedRun, repeatRun, type Watch } from './recording.ts'
import { isKnown, type Setup } from './run-config.ts'
import { readSetup } from './setup-file.ts'
import { TraceFileError } from './trace-error.ts'

export const TRACE_FORMAT = 'byzkit-trace'
export const TRACE_VERSION = 3

/** Choices of one trace file. */
export const TRACE_CHOICES_MAX = 1_000_000
/** Characters of events that are kept to be shown, of a protocol that is not known here. */
export const TRACE_SHOWN_CHARACTERS_MAX = 256 * 1024 * 1024
/** How deep arrays and objects may lie in one another, within a line. */
export const TRACE_DEPTH_MAX = 100

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
  /** A digest of all lines, this one included as it is without it. Files of earlier versions of byzkit have none. */
  readonly linesDigest?: string
}

/** Repeats the run, and tells each line of its trace file, and each event. */
export function writeTrace(
  recording: Recording,
  line: (line: string) => void,
  sink: (event: TraceEvent) => void = () => {}
): RepeatedRun {
  const lines = new TraceDigest()
  const write = (text: string) => {
    lines.addText(text)
    line(text)
  }
  const header: TraceHeader = { format: TRACE_FORMAT, version: TRACE_VERSION, setup: recording.setup }
  write(toLine(header))
  for (const choice of recording.schedule) write(toLine({ choice }))
  const told = new EventLines()
  const run = repeatRun(recording, {
    sink: (event) => {
      const text = toLine(event)
      told.add(text)
      write(text)
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
  line(vouchingFor(lines, toLine(end)))
  return run
}

/** The last line, `end`, with a digest of all lines as its last field. */
function vouchingFor(before: TraceDigest, end: string): string {
  before.addText(end)
  return `${end.slice(0, -1)},"linesDigest":"${before.hex()}"}`
}

function vouches(before: TraceDigest, last: string): boolean {
  return vouchingFor(before, last.replace(/,"linesDigest":"[0-9a-f]*"\}$/, '}')) === last
}

export interface ReadTrace extends Recording {
  readonly end: TraceEnd
  /** After each event, a part of the digest of the events so far. */
  readonly marks: readonly number[]
  /** The lines of its events; kept where the protocol is not known here, so that the run can only be shown. */
  readonly lines: readonly string[]
}

/** Reads a trace file line by line, so that it need not fit into memory. */
export class TraceReader {
  readonly #path: string
  readonly #edited: boolean
  readonly #schedule: Choice[] = []
  readonly #told = new EventLines()
  readonly #lines: string[] = []
  #setup: Setup | undefined
  #end: TraceEnd | undefined
  readonly #vouched = new TraceDigest()
  #isVouched = true
  #count = 0
  #shownCharacters = 0

  /** @param edited - whether somebody edited it on purpose: then it is not refused for that */
  constructor(path: string, { edited = false }: { readonly edited?: boolean } = {}) {
    this.#path = path
    this.#edited = edited
  }

  /** @throws TraceFileError that says in one line what is wrong with the file, and where */
  line(text: string): void {
    this.#count++
    if (this.#end !== undefined) this.#fail('comes after the end of the trace')
    const value = this.#parse(text)
    if ('kind' in value && value.kind === 'end' && this.#setup !== undefined) {
      this.#end = this.#readEnd(value)
      this.#isVouched = this.#end.linesDigest === undefined || vouches(this.#vouched, text)
      return
    }
    this.#vouched.addText(text)
    if (this.#setup === undefined) this.#setup = this.#header(value)
    else if ('choice' in value) this.#choice(value.choice)
    else {
      this.#told.add(text)
      if (!isKnown(this.#setup.protocol)) this.#keep(text)
    }
  }

  end(): ReadTrace {
    if (this.#setup === undefined) throw new TraceFileError(`${this.#path}: empty`)
    if (this.#end === undefined) {
      throw new TraceFileError(`${this.#path}: truncated: its last line is not the end of a trace`)
    }
    const { events, eventsDigest } = this.#end
    const areEvents = events === this.#told.count && eventsDigest === this.#told.digest
    if (!(areEvents && this.#isVouched) && !this.#edited) {
      const what = areEvents ? 'its setup, its choices or what was violated' : 'its events'
      throw new TraceFileError(
        `${this.#path}: edited: ${what} are not those that its last line vouches for; --edited runs what it says now`
      )
    }
    const { marks } = this.#told
    return { setup: this.#setup, schedule: this.#schedule, end: this.#end, marks, lines: this.#lines }
  }

  #keep(text: string): void {
    this.#shownCharacters += text.length
    if (this.#shownCharacters > TRACE_SHOWN_CHARACTERS_MAX)
      this.#fail(`: more than ${TRACE_SHOWN_CHARACTERS_MAX} characters of events to be shown`)
    this.#lines.push(text)
  }

  #parse(text: string): object {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      value = undefined
    }
    if (typeof value !== 'object' || value === null) this.#fail('is not a JSON object')
    if (!isShallow(value, TRACE_DEPTH_MAX)) this.#fail(`is nested deeper than ${TRACE_DEPTH_MAX}`)
    return value
  }

  #header(value: object): Setup {
    const { format, version, setup } = value as { [name: string]: unknown }
    if (format !== TRACE_FORMAT) {
      throw new TraceFileError(
        `${this.#path}: not a trace of a simulated run: its first line says ${shown(format ?? 'nothing')} as its format, not ${TRACE_FORMAT}`
      )
    }
    if (version !== TRACE_VERSION) {
      throw new TraceFileError(
        `${this.#path}: trace version ${shown(version)}, this byzkit reads ${TRACE_VERSION}`
      )
    }
    const read = readSetup(setup)
    if (typeof read === 'string') this.#fail(`: ${read}`)
    return read
  }

  #choice(value: unknown): void {
    const choice = readChoice(value)
    if (typeof choice === 'string') this.#fail(`: ${choice}`)
    if (this.#schedule.length >= TRACE_CHOICES_MAX) this.#fail(`: more than ${TRACE_CHOICES_MAX} choices`)
    this.#schedule.push(choice)
  }

  #readEnd(value: object): TraceEnd {
    const { digest, events, eventsDigest, violations, linesDigest } = value as { [name: string]: unknown }
    if (![digest, eventsDigest, linesDigest ?? '0'].every(isDigest)) this.#fail('is not the end of a trace')
    if (!isWithin(events, 0, Number.MAX_SAFE_INTEGER)) this.#fail('is not the end of a trace')
    if (!Array.isArray(violations)) this.#fail('has no list of violations')
    const read = violations.map((violation) => readViolation(violation, processesOf(this.#setup)))
    for (const violation of read) if (typeof violation === 'string') this.#fail(`: ${violation}`)
    return value as TraceEnd
  }

  #fail(what: string): never {
    throw new TraceFileError(`${this.#path}: line ${this.#count}${what.startsWith(':') ? '' : ' '}${what}`)
  }
}

/**
 * Repeats the run of a trace file and makes sure that it is the same, event for event. It is not followed beyond the
 * first event that is another one: so the work is bounded by the size of the file.
 *
 * @throws TraceFileError if it is not
 */
export function repeatTrace(
  path: string,
  trace: ReadTrace,
  sink: (event: TraceEvent) => void,
  states = false,
  onStop?: Watch['onStop']
): RepeatedRun {
  const told = new EventLines()
  const { digest, eventsDigest } = trace.end
  let isOther = false
  const watch: Watch = {
    states,
    ...(onStop && { onStop }),
    isOver: () => isOther,
    sink: (event: TraceEvent) => {
      if (isOther) return
      if (event.kind !== 'state') {
        told.add(toLine(event))
        isOther = told.marks.at(-1) !== trace.marks[told.count - 1]
      }
      sink(event)
    }
  }
  const run = possible(path, () => repeatRun(trace, watch))
  if (isOther) {
    throw new TraceFileError(
      `${path}: the run cannot be repeated: its event ${told.count} is another one here, so it was made by another version or edited`
    )
  }
  if (run.result.digest !== digest || told.digest !== eventsDigest) {
    throw new TraceFileError(
      `${path}: the run cannot be repeated: its digest is ${run.result.digest} here and ${digest} in the file, so it was made by another version or edited`
    )
  }
  return run
}

/**
 * Runs what an edited trace file says now, and compares nothing: the work is bounded as that of any simulated run.
 *
 * @throws TraceFileError if its stack refuses it
 */
export function repeatEdited(
  path: string,
  trace: Recording,
  sink: (event: TraceEvent) => void,
  states = false,
  onStop?: Watch['onStop']
): RepeatedRun {
  return possible(path, () => repeatRun(trace, { states, sink, ...(onStop && { onStop }) }))
}

/** What a stack or a group refuses to be set up or asked for is wrong with the file. */
function possible<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof InvalidParametersError)) throw error
    throw new TraceFileError(`${path}: the run cannot be repeated: ${error.message}`)
  }
}

/** The events of a trace as they were recorded, if its last line vouches for all of it. @throws TraceFileError */
export function readEvents(path: string, { lines, setup, end }: ReadTrace): TraceEvent[] {
  if (end.linesDigest === undefined) {
    throw new TraceFileError(
      `${path}: its last line has no linesDigest, so nothing says that it was not edited: --protocol FILE runs it again`
    )
  }
  return lines.map((line, index) => {
    const event = readEvent(JSON.parse(line), processesOf(setup))
    if (typeof event !== 'string') return event
    throw new TraceFileError(`${path}: event ${index + 1}: ${event}`)
  })
}

const processesOf = (setup: Setup | undefined): number => (setup?.members ?? 0) + (setup?.clients ?? 0)

const isDigest = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{1,128}$/.test(value)

class EventLines {
  readonly #digest = new TraceDigest()
  readonly marks: number[] = []

  get count(): number {
    return this.marks.length
  }

  add(line: string): void {
    this.#digest.addText(line)
    this.marks.push(this.#digest.mark)
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
