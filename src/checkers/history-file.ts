/**
 * Recorded histories of any system: JSON lines in real-time order, one for each invocation and each answer, in the
 * form that Jepsen made common. docs/histories.md describes it for those who record.
 */
import { parseStrictJson } from '../crypto/strict-json.ts'
import { ExactNumber, NUMBER_CHARACTERS_MAX, parseExactly, roundedMax } from './exact-number.ts'
import {
  canonical,
  HistoryError,
  type Json,
  type Operation,
  type Outcome,
  type ProcessName,
  shortName,
  shortValue
} from './operations.ts'

/** The most operations of one history. */
export const HISTORY_OPERATIONS_MAX = 1_000_000
/** How deep arrays and objects may lie in one another, within a value. */
export const VALUE_DEPTH_MAX = 32

/** Jepsen's process that injects faults. What it does is no operation on the object. */
const NEMESIS = 'nemesis'

/** What a time is from on, so that it may have been rounded: it is for people alone, and that does not matter. */
const TIME_MAY_BE_ROUNDED = 1e15

/** An operation that is not answered yet. */
type Open = { -readonly [K in keyof Operation]: Operation[K] }

interface Line {
  readonly process: ProcessName
  readonly type: 'invoke' | Outcome
  readonly f: string | undefined
  readonly key: Json | undefined
  readonly value: Json | undefined
  readonly time: number | undefined
}

/** Pairs answers with invocations. Positions of operations are numbers of lines, from 1. */
export class HistoryParser {
  readonly #operations: Open[] = []
  /** By process. */
  readonly #open = new Map<ProcessName, Open>()
  /** Names of clients that are no JavaScript numbers, by their texts. */
  readonly #exactNames = new Map<string, ExactNumber>()
  #number = 0
  #time = Number.NEGATIVE_INFINITY

  /** The next line. @throws {HistoryError} */
  push(text: string): void {
    this.#number++
    // A byte order mark is no part of the text, and an empty line is no part of the history.
    const json = this.#number === 1 ? text.replace(/^\uFEFF/, '') : text
    if (json.trim() === '') return
    const line = this.#parse(json)
    if (line === undefined) return
    if (line.time !== undefined) {
      if (line.time < this.#time)
        this.#refuse('its time is earlier than that of a line before it: sort by time')
      this.#time = line.time
    }
    if (line.type === 'invoke') this.#invoke(line)
    else this.#complete(line, line.type)
  }

  /** All operations, in order of invocation. Those that are still open may or may not have happened. */
  end(): Operation[] {
    return this.#operations
  }

  #invoke({ process, f, key, value, time }: Line): void {
    const open = this.#open.get(process)
    if (open !== undefined)
      this.#refuse(
        `process ${shortName(process)} invokes again, although line ${open.invoked} has no answer yet`
      )
    if (f === undefined) this.#refuse('f is missing: what is invoked')
    if (this.#operations.length >= HISTORY_OPERATIONS_MAX)
      this.#refuse(`more than ${HISTORY_OPERATIONS_MAX} operations`)
    const operation: Open = {
      process,
      f,
      key: key ?? undefined,
      value,
      invoked: this.#number,
      returned: undefined,
      outcome: 'info',
      invokedNs: time
    }
    this.#operations.push(operation)
    this.#open.set(process, operation)
  }

  #complete({ process, f, key, value, time }: Line, outcome: Outcome): void {
    const open = this.#open.get(process)
    if (open === undefined)
      this.#refuse(`${outcome} of process ${shortName(process)}, which has invoked nothing`)
    if (f !== undefined && f !== open.f)
      this.#refuse(`f is ${shortValue(f)}, but line ${open.invoked} invoked ${shortValue(open.f)}`)
    if (key !== undefined && canonical(key) !== canonical(open.key ?? null))
      this.#refuse(`key is ${shortValue(key)}, but line ${open.invoked} invoked ${shortValue(open.key)}`)
    this.#open.delete(process)
    open.outcome = outcome
    // After info the operation stays open for ever.
    if (outcome === 'info') return
    open.returned = this.#number
    open.returnedNs = time
    if (outcome === 'ok') open.result = value
  }

  /** Undefined for what is no operation. */
  #parse(text: string): Line | undefined {
    let parsed: unknown
    try {
      parsed = parseStrictJson(text)
    } catch (error) {
      const { message } = error as Error
      this.#refuse(/^(duplicate key|nested deeper)/.test(message) ? message : 'not JSON')
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      this.#refuse('not a JSON object')
    const { process, type, f, key, value, time } = parsed as { readonly [name: string]: unknown }
    if (process === NEMESIS) return undefined
    if (typeof process !== 'number' && typeof process !== 'string')
      this.#refuse('process is missing: a number or a string')
    if (type !== 'invoke' && type !== 'ok' && type !== 'fail' && type !== 'info')
      this.#refuse('type is missing: invoke, ok, fail or info')
    if (f !== undefined && typeof f !== 'string') this.#refuse('f is not a string')
    if (time !== undefined && typeof time !== 'number') this.#refuse('time is not a number, in nanoseconds')
    const given = { process, key: this.#value('key', key), value: this.#value('value', value) }
    return { type, f, time, ...given, ...this.#unrounded(text, time) }
  }

  /** The same as it was written, where JavaScript may have rounded some of it. */
  #unrounded(text: string, time = 0): Partial<Pick<Line, 'process' | 'key' | 'value'>> {
    if (roundedMax(text) <= (Math.abs(time) < TIME_MAY_BE_ROUNDED ? 0 : 1)) return {}
    const exact = parseExactly(text)
    if (exact === undefined) this.#refuse(`a number of more than ${NUMBER_CHARACTERS_MAX} characters`)
    const { process, key, value } = exact as Pick<Line, 'process' | 'key' | 'value'>
    return { process: this.#named(process), key, value }
  }

  #named(process: ProcessName): ProcessName {
    if (!(process instanceof ExactNumber)) return process
    const known = this.#exactNames.get(process.text)
    if (known === undefined) this.#exactNames.set(process.text, process)
    return known ?? process
  }

  /** What `JSON.parse` gave as a value that can be compared. */
  #value(field: string, value: unknown): Json | undefined {
    if (value !== undefined) this.#requireComparable(field, value, 0)
    return value as Json | undefined
  }

  #requireComparable(field: string, value: unknown, depth: number): void {
    if (depth > VALUE_DEPTH_MAX) this.#refuse(`${field} is nested deeper than ${VALUE_DEPTH_MAX}`)
    if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value)) this.#requireComparable(field, inner, depth + 1)
  }

  #refuse(problem: string): never {
    throw new HistoryError(`line ${this.#number}: ${problem}`)
  }
}

/** @throws {HistoryError} that names the line */
export function parseHistory(text: string): Operation[] {
  const parser = new HistoryParser()
  for (const line of text.split('\n')) parser.push(line)
  return parser.end()
}
