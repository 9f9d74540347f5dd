/**
 * The lines of a member's recording, read strictly: a file may come from anybody. See recording/recording-format.ts.
 */
import { shown } from '../core/parameters.ts'
import { GROUP_MEMBERS_MAX } from '../crypto/genesis.ts'
import { GROUP_CLIENTS_MAX } from '../crypto/group-file.ts'
import {
  type Input,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordedStep,
  type RecordingEnd,
  type RecordingHeader,
  type StoredEntry
} from '../recording/recording-format.ts'
import { optionsInFull, optionsProblem } from '../stacks/options.ts'

export type RecordingLine = RecordingHeader | StoredEntry | RecordedStep | RecordingEnd

/** What a field must be; a trailing `?` where it may be missing. */
type Kind =
  | 'uint'
  | 'int'
  | 'number'
  | 'boolean'
  | 'text'
  | 'hex'
  | 'steps'
  | 'readings'
  | 'group'
  | 'options'

const CHECK = { digest: 'hex', did: 'text?' } as const
const STEP = { ...CHECK, input: 'text', at: 'int', ran: 'steps?', readings: 'readings?' } as const

/** Each input with its fields. */
export const RECORDED_INPUTS: { readonly [K in RecordedStep['input']]: { readonly [field: string]: Kind } } =
  {
    build: {},
    start: {},
    continue: {},
    receive: { from: 'uint', message: 'hex' },
    'session-started': { peer: 'uint' },
    'session-ended': { peer: 'uint', reason: 'text' },
    timer: { timer: 'uint' },
    'disk-read': { read: 'uint', value: 'hex' },
    'nothing-stored': { read: 'uint' },
    request: { service: 'text', name: 'text', arguments: 'hex' },
    abandon: { operation: 'uint' },
    'turn-end': { flush: 'uint' }
  }

const HEADER = {
  format: 'text',
  version: 'uint',
  group: 'group',
  self: 'uint',
  incarnation: 'uint',
  fresh: 'boolean',
  stack: 'text',
  registers: 'boolean',
  options: 'options'
} as const
const GROUP = { id: 'hex', epoch: 'uint', f: 'uint', publicKeys: 'text', clients: 'text' } as const
/** What the environment answered, by name. */
export const RECORDED_READINGS: { readonly [name: string]: Kind } = {
  now: 'number',
  random: 'hex',
  below: 'uint',
  signature: 'hex',
  tag: 'hex',
  verified: 'boolean'
}

type Given = { readonly [field: string]: unknown }

/** @returns the line, or what is wrong with it */
export function readRecordingLine(value: unknown): RecordingLine | string {
  if (!isObject(value)) return 'is not a JSON object'
  if ('format' in value) return readHeader(value)
  if ('stored' in value) return checked<StoredEntry>(value, { stored: 'text', value: 'hex' })
  if ('end' in value) {
    if (value.end !== 'stopped' && value.end !== 'crashed') return ': end is stopped or crashed'
    return checked<RecordingEnd>(value, { ...CHECK, end: 'text', at: 'int', cause: 'text?' })
  }
  const { input } = value
  const fields = typeof input === 'string' && isInput(input) ? RECORDED_INPUTS[input] : undefined
  if (fields === undefined) return `: there is no input ${shown(input)}`
  return checked<RecordedStep>(value, { ...STEP, ...fields })
}

/** @returns the header, or what is wrong with it */
function readHeader(value: Given): RecordingHeader | string {
  if (value.format !== RECORDING_FORMAT) return `: its format is not ${RECORDING_FORMAT}`
  if (value.version !== RECORDING_VERSION) {
    return `: recording version ${shown(value.version)}, this byzkit reads ${RECORDING_VERSION}`
  }
  const header = checked<RecordingHeader>(value, HEADER)
  if (typeof header === 'string') return header
  const { self, group, stack } = header
  if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(stack)) return ': stack is no name of a protocol'
  const processes = group.publicKeys.length + group.clients.length
  if (self >= processes) return `: self is not one of ${processes} processes`
  return header
}

function checked<T>(value: Given, fields: { readonly [field: string]: Kind | `${Kind}?` }): T | string {
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) return `: unknown field ${shown(name)}`
  }
  for (const [name, field] of Object.entries(fields)) {
    const optional = field.endsWith('?')
    const kind = (optional ? field.slice(0, -1) : field) as Kind
    if (optional && value[name] === undefined) continue
    if (!isOf(kind, value[name])) return `: ${name} is not ${KINDS[kind]}`
  }
  return value as T
}

const KINDS: { readonly [K in Kind]: string } = {
  uint: 'a whole number from 0 on',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  text: 'text',
  hex: 'bytes in lower-case hexadecimal',
  steps: 'e and f in a row',
  readings: 'a list of readings of the environment',
  group: 'a group: id, epoch, f, publicKeys and clients, with f below their number',
  options: 'the options of a stack, all of them'
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'uint':
      return isUint(value)
    case 'int':
      return Number.isSafeInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'text':
      return typeof value === 'string'
    case 'hex':
      return typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-f]*$/.test(value)
    case 'steps':
      return typeof value === 'string' && /^[ef]+$/.test(value)
    case 'readings':
      return Array.isArray(value) && value.every(isReading)
    case 'group':
      return isGroup(value)
    case 'options':
      return isOptions(value)
  }
}

const isUint = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isInput = (input: string): input is RecordedStep['input'] => Object.hasOwn(RECORDED_INPUTS, input)

function isReading(value: unknown): boolean {
  if (!isObject(value)) return false
  const [[name, read] = ['', undefined], ...more] = Object.entries(value)
  const kind = Object.hasOwn(RECORDED_READINGS, name) ? RECORDED_READINGS[name] : undefined
  return kind !== undefined && more.length === 0 && isOf(kind, read)
}

const isKey = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

function isGroup(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== Object.keys(GROUP).length) return false
  const { id, epoch, f, publicKeys, clients } = value
  if (!isKey(id) || !isUint(epoch) || !isUint(f)) return false
  if (!Array.isArray(publicKeys) || publicKeys.length > GROUP_MEMBERS_MAX) return false
  if (!Array.isArray(clients) || clients.length > GROUP_CLIENTS_MAX || !clients.every(isKey)) return false
  return f < publicKeys.length && publicKeys.every(isKey)
}

function isOptions(value: unknown): boolean {
  if (!isObject(value)) return false
  const names = Object.keys(optionsInFull({}))
  return names.every((name) => value[name] !== undefined) && optionsProblem(value) === undefined
}

/** What happens at an input, for people. */
export function describeStep(step: Input): string {
  switch (step.input) {
    case 'build':
      return 'the stack is built'
    case 'start':
      return 'the start'
    case 'continue':
      return 'what was written is durable'
    case 'receive':
      return `a message from ${step.from}`
    case 'session-started':
      return `a session with ${step.peer} begins`
    case 'session-ended':
      return `the session with ${step.peer} ends`
    case 'timer':
      return `timer ${step.timer}`
    case 'disk-read':
    case 'nothing-stored':
      return `read ${step.read} of the disk`
    case 'request':
      return `${step.service}.${step.name}, asked for by the application`
    case 'abandon':
      return `the application gives up on operation ${step.operation}`
    case 'turn-end':
      return 'the end of a turn'
  }
}
