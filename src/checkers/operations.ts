/**
 * Histories of operations: what the clients of a shared object asked, what they were answered, and when. Checkers
 * judge them; recorders of other systems write them (history-file.ts), and simulated ones hand them over as they are.
 */
import { shortened } from '../core/parameters.ts'
import { ExactNumber } from './exact-number.ts'

export type Json =
  | null
  | boolean
  | number
  | ExactNumber
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }

/**
 * A client. Its operations follow one another, but for those that were never answered. Names are told apart by
 * identity: of an ExactNumber there is one object in a history.
 */
export type ProcessName = number | ExactNumber | string

/**
 * What is known of an operation:
 * - `ok`: it took effect once, at some moment between its invocation and its return
 * - `fail`: it took no effect
 * - `info`: nothing; it takes effect at most once, at any moment after its invocation, or never
 */
export type Outcome = 'ok' | 'fail' | 'info'

export interface Operation {
  readonly process: ProcessName
  /** What was asked for: `read`, `write`, `cas`, ... The model says which there are. */
  readonly f: string
  /** Of which object. Objects are independent of one another. */
  readonly key?: Json | undefined
  /** The argument: what to write, `[old, new]` of a `cas`; nothing for a `read`. */
  readonly value?: Json | undefined
  /** What an `ok` answer said: the value that was read. */
  readonly result?: Json | undefined
  /**
   * Where in real-time order it began and ended: indices of events, lines of a file, or times. One operation
   * precedes another if it returned at a smaller number than that at which the other was invoked; at equal numbers
   * they are concurrent.
   */
  readonly invoked: number
  /** Undefined for `info`. */
  readonly returned: number | undefined
  readonly outcome: Outcome
  /** Times of the two, in nanoseconds, for people alone: verdicts follow from the order. */
  readonly invokedNs?: number | undefined
  readonly returnedNs?: number | undefined
}

/** A history that cannot be judged, since it is malformed or does not fit the model: what, and where. */
export class HistoryError extends Error {
  override name = 'HistoryError'
}

/** A history that may be right or wrong: deciding would take more than the bound on the work allows. */
export class UndecidedError extends Error {
  override name = 'UndecidedError'
}

/** Operations that contradict each other. */
export interface Contradiction {
  /** The object that they are about; undefined if operations name none. */
  readonly key: Json | undefined
  /** One line for people. */
  readonly reason: string
  /**
   * In order of invocation. They cannot all be as they were recorded, even if every other operation of the history
   * may or may not have happened; and none of them can be spared.
   */
  readonly operations: readonly Operation[]
  /** Where the values that were seen may have come from: no part of the contradiction, but of its story. */
  readonly context: readonly Operation[]
}

export interface HistoryVerdict {
  /** How many objects the history is about. */
  readonly keys: number
  /** Of the first object, in order of appearance, whose history is not valid; undefined if all are. */
  readonly contradiction: Contradiction | undefined
}

/** One text for each value: equal values have equal texts, whatever the order of their fields. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (value instanceof ExactNumber) return value.text
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`
}

/** The history of each object, in order of first appearance. `null` names no key, as if it were left out. */
export function partition(operations: readonly Operation[]): Operation[][] {
  const parts = new Map<string, Operation[]>()
  for (const operation of operations) {
    const key = canonical(operation.key ?? null)
    const part = parts.get(key)
    if (part === undefined) parts.set(key, [operation])
    else part.push(operation)
  }
  return [...parts.values()]
}

export const precedes = (a: Operation, b: Operation): boolean =>
  a.returned !== undefined && a.returned < b.invoked

const LABEL_CHARACTERS_MAX = 24
const NAME_CHARACTERS_MAX = 40

/** A client's name for people: of a long one the beginning. */
export const shortName = (process: ProcessName): string => shortened(String(process), NAME_CHARACTERS_MAX)

/** A value for people, in a few characters. */
export function shortValue(value: Json | undefined): string {
  const text = canonical(value ?? null)
  if (text.length <= LABEL_CHARACTERS_MAX) return text
  const half = LABEL_CHARACTERS_MAX / 2 - 1
  return `${text.slice(0, half)}..${text.slice(-half)}`
}

/** What was asked and answered: `write 3`, `read → 2`, `cas 1 → 2 failed`. */
export function labelOf({ f, value, result, outcome }: Operation): string {
  const answer = outcome === 'ok' ? '' : outcome === 'fail' ? ' failed' : ' (no answer)'
  if (f === 'cas' && Array.isArray(value))
    return `cas ${shortValue(value[0])} → ${shortValue(value[1])}${answer}`
  const asked = value === undefined || value === null ? f : `${f} ${shortValue(value)}`
  return (f === 'read' || f === 'get') && outcome === 'ok'
    ? `${f} → ${shortValue(result)}`
    : `${asked}${answer}`
}

/** With its process and its place: `process 0 write 3 [4, 7]`. */
export function describeOperation(operation: Operation): string {
  const { process, invoked, returned } = operation
  return `process ${shortName(process)} ${labelOf(operation)} [${invoked}, ${returned ?? '..'}]`
}
