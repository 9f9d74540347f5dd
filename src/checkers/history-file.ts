/**
 * Recorded histories of any system: JSON lines in real-time order, one for each invocation and each answer, in the
 * form that Jepsen made common. docs/histories.md describes it for those who record.
 */
import { parseStrictJson } from '../crypto/strict-json.ts'
import {
  canonical,
  HistoryError,
  type Json,
  type Operation,
  type Outcome,
  type ProcessName
} from './operations.ts'

/** The most operations of one history. */
export const HISTORY_OPERATIONS_MAX = 1_000_000
/** How deep arrays and objects may lie in one another, within a value. */
export const VALUE_DEPTH_MAX = 32

/** Jepsen's process that injects faults. What it does is no operation on the object. */
const NEMESIS = 'nemesis'

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
      this.#refuse(`process ${process} invokes again, although line ${open.invoked} has no answer yet`)
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
    if (open === undefined) this.#refuse(`${outcome} of process ${process}, which has invoked nothing`)
    if (f !== undefined && f !== open.f)
      this.#refuse(`f is ${JSON.stringify(f)}, but line ${open.invoked} invoked ${JSON.stringify(open.f)}`)
    if (key !== undefined && canonical(key) !== canonical(open.key ?? null))
      this.#refuse(
        `key is ${canonical(key)}, but line ${open.invoked} invoked ${canonical(open.key ?? null)}`
      )
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
      const duplicate = /^duplicate key/.test(String((error as Error).message))
      this.#refuse(duplicate ? (error as Error).message : 'not JSON')
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
    return { process, type, f, key: this.#value('key', key), value: this.#value('value', value), time }
  }

  /** What `JSON.parse` gave as a value that can be compared. */
  #value(field: string, value: unknown): Json | undefined {
    if (value !== undefined) this.#requireComparable(field, value, 0)
    return value as Json | undefined
  }

  #requireComparable(field: string, value: unknown, depth: number): void {
    if (depth > VALUE_DEPTH_MAX) this.#refuse(`${field} is nested deeper than ${VALUE_DEPTH_MAX}`)
    if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
      this.#refuse(`${field} has a number that cannot be told from its neighbours: write it as a string`)
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
