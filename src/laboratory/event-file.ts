/**
 * Events and violations as they stand in trace files. Those of a protocol that is known here are only compared with
 * what the run does again; those of any other are shown, and so read strictly: a file may come from anybody.
 */
import type { Violation } from '../checkers/violation.ts'
import { fromHex } from '../core/bytes.ts'
import { isWithin, shown } from '../core/parameters.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'

/** What a field must be; a trailing `?` where it may be missing. `process` is the rank of one of the run. */
type Field = 'uint' | 'process' | 'number' | 'text' | 'any' | 'list' | 'values' | readonly string[]
type Fields = { readonly [name: string]: Field | `${Extract<Field, string>}?` }

const message = { id: 'uint', path: 'text', message: 'any' } as const
const call = { path: 'text', name: 'text', args: 'list' } as const
const asked = { service: 'text', name: 'text' } as const

/** What each kind of event has beside its time, process and kind. */
export const EVENT_FIELDS: { readonly [K in TraceEvent['kind']]: Fields } = {
  invoke: { ...asked, number: 'uint', arguments: 'values', answer: 'any?' },
  resume: { number: 'uint' },
  return: { ...asked, number: 'uint', result: 'any' },
  indicate: { ...asked, values: 'values' },
  crash: {},
  restart: {},
  stop: { cause: 'text' },
  fault: { fault: 'any' },
  request: call,
  indication: call,
  send: { ...message, to: 'process' },
  receive: { ...message, from: 'process' },
  lost: { id: 'uint', from: 'process', reason: 'text' },
  session: { peer: 'process', change: ['started', 'ended'], reason: 'text?' },
  timer: { timer: 'uint', change: ['set', 'fired'], delayMs: 'number' },
  landmark: { name: 'text' },
  frame: { change: ['lost', 'overtaken', 'duplicated'], to: 'process' },
  state: { path: 'text', state: 'any' }
}

const FAULT_FIELDS: Fields = {
  process: 'process',
  kind: 'text',
  certainty: 'text',
  detail: 'text',
  evidence: 'any?'
}
const VIOLATION_FIELDS: Fields = {
  property: 'text',
  detail: 'text',
  at: 'uint',
  instance: 'any?',
  starved: 'process?'
}

/** Beyond every run, which has at most two days; microseconds. */
const TIME_US_MAX = 2 ** 40

type Given = { readonly [name: string]: unknown }

/**
 * @param value - as JSON gives it
 * @param processes - of the run
 * @returns the event, or what is wrong with it
 */
export function readEvent(value: unknown, processes: number): TraceEvent | string {
  const event = revived(value)
  if (!isObject(event)) return 'an event is an object'
  const { time, process, kind, ...rest } = event
  if (!isWithin(time, 0, TIME_US_MAX) || !isWithin(process, 0, processes - 1))
    return 'an event without a time, or of no process'
  const fields = typeof kind === 'string' && isKind(kind) ? EVENT_FIELDS[kind] : undefined
  if (fields === undefined) return `there is no event of the kind ${shown(kind)}`
  const problem = problemOf(rest, fields, processes)
  if (problem !== undefined) return `${kind}: ${problem}`
  const checked: unknown = event
  if (kind !== 'fault') return checked as TraceEvent
  const wrong = isObject(rest.fault) ? problemOf(rest.fault, FAULT_FIELDS, processes) : 'no object'
  return wrong === undefined ? (checked as TraceEvent) : `fault: ${wrong}`
}

/** @returns the violation, or what is wrong with it */
export function readViolation(value: unknown, processes: number): Violation | string {
  if (!isObject(value)) return 'a violation is an object'
  const problem = problemOf(value, VIOLATION_FIELDS, processes)
  if (problem !== undefined) return `violation: ${problem}`
  const { instance } = value
  const isNamed =
    instance === undefined ||
    (isObject(instance) && problemOf(instance, { sender: 'uint', sequence: 'uint' }, processes) === undefined)
  const checked: unknown = value
  return isNamed ? (checked as Violation) : 'violation: instance is no sender and sequence'
}

/** Whether arrays and objects lie in one another no deeper than so. */
export function isShallow(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depthMax > 0 && Object.values(value).every((inner) => isShallow(inner, depthMax - 1))
}

function problemOf(given: Given, fields: Fields, processes: number): string | undefined {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(fields, name))
  if (unknown !== undefined) return `it has no ${shown(unknown)}`
  for (const [name, field] of Object.entries(fields)) {
    const isOptional = typeof field === 'string' && field.endsWith('?')
    if (isOptional && given[name] === undefined) continue
    const what = (isOptional ? field.slice(0, -1) : field) as Field
    if (!isOf(what, given[name], processes)) return `${name} is not as it should be: ${shown(given[name])}`
  }
  return undefined
}

function isOf(field: Field, value: unknown, processes: number): boolean {
  if (typeof field === 'object') return typeof value === 'string' && field.includes(value)
  switch (field) {
    case 'uint':
      return isWithin(value, 0, Number.MAX_SAFE_INTEGER)
    case 'process':
      return isWithin(value, 0, processes - 1)
    case 'number':
      return Number.isFinite(value)
    case 'text':
      return typeof value === 'string'
    case 'any':
      return value !== undefined
    case 'list':
      return Array.isArray(value)
    case 'values':
      return isObject(value)
  }
}

const isKind = (kind: string): kind is TraceEvent['kind'] => Object.hasOwn(EVENT_FIELDS, kind)

const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

/** Byte strings are `{"hex": "..."}`. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived)
  if (!isObject(value)) return value
  const { hex } = value
  if (typeof hex === 'string' && /^(?:[0-9a-f]{2})*$/.test(hex)) return fromHex(hex)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revived(inner)]))
}
