/** Choices as they stand in files: read strictly, for a file may come from anybody. */
import type { Choice } from '../simulator/schedule.ts'

/** What a field of a choice must be. */
type Field = 'uint' | 'optional uint' | 'int' | 'hex' | 'ranks' | 'boolean' | readonly string[]

const link = { from: 'uint', to: 'uint', number: 'uint' } as const
const ofProcess = { process: 'uint', number: 'uint' } as const
const act = { process: 'uint', at: 'uint', to: 'uint', bytes: 'hex' } as const

/** What each kind of choice has beside its kind; docs/trace-format.md says what they mean. */
export const CHOICE_FIELDS: { readonly [K in Choice['kind']]: { readonly [field: string]: Field } } = {
  delay: { ...link, us: 'uint' },
  lose: link,
  overtake: { ...link, us: 'uint' },
  duplicate: { ...link, us: 'uint' },
  handshake: { ...link, us: 'uint' },
  sync: { ...ofProcess, us: 'uint' },
  'sync-fails': { ...ofProcess, us: 'uint' },
  unsynced: { ...ofProcess, left: ['all', 'torn'] },
  consume: { ...ofProcess, us: 'uint' },
  clock: { process: 'uint', offsetMs: 'int', driftPpm: 'int' },
  'clock-jump': { process: 'uint', at: 'uint', ms: 'int' },
  broadcast: { ...ofProcess, at: 'uint', bytes: 'uint' },
  operation: { ...ofProcess, at: 'uint', f: ['read', 'write'], bytes: 'uint', key: 'optional uint' },
  crash: { process: 'uint', at: 'uint', until: 'uint' },
  'crash-on': { ...ofProcess, event: ['sync', 'send', 'return'], us: 'uint' },
  partition: { at: 'uint', until: 'uint', side: 'ranks', oneWay: 'boolean' },
  'end-session': { a: 'uint', b: 'uint', at: 'uint' },
  act,
  frame: act
}

/** More bytes than this in one request are not a test but an accident. */
const PAYLOAD_BYTES_MAX = 16 * 1024 * 1024

/** @returns the choice, or what is wrong with it */
export function readChoice(value: unknown): Choice | string {
  if (typeof value !== 'object' || value === null) return 'a choice is an object'
  const given = value as { readonly [field: string]: unknown }
  const fields = typeof given.kind === 'string' && isKind(given.kind) ? CHOICE_FIELDS[given.kind] : undefined
  if (fields === undefined) return `there is no choice of the kind ${JSON.stringify(given.kind ?? null)}`
  for (const name of Object.keys(given)) {
    if (name !== 'kind' && !(name in fields)) return `${String(given.kind)} has no ${JSON.stringify(name)}`
  }
  for (const [name, field] of Object.entries(fields)) {
    if (!isOf(field, given[name])) return `${String(given.kind)}: ${name} is not ${describe(field)}`
  }
  if (fields.bytes === 'uint' && Number(given.bytes) > PAYLOAD_BYTES_MAX) {
    return `${given.kind}: bytes is at most ${PAYLOAD_BYTES_MAX}`
  }
  return given as Choice
}

const isKind = (kind: string): kind is Choice['kind'] => Object.hasOwn(CHOICE_FIELDS, kind)

const isUint = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0

function isOf(field: Field, value: unknown): boolean {
  if (typeof field === 'object') return field.includes(String(value))
  switch (field) {
    case 'uint':
      return isUint(value)
    case 'optional uint':
      return value === undefined || isUint(value)
    case 'int':
      return Number.isSafeInteger(value)
    case 'hex':
      return typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-f]*$/.test(value)
    case 'ranks':
      return Array.isArray(value) && value.every(isUint)
    case 'boolean':
      return typeof value === 'boolean'
  }
}

function describe(field: Field): string {
  if (typeof field === 'object') return `one of ${field.join(', ')}`
  return {
    uint: 'a whole number from 0 on',
    'optional uint': 'a whole number from 0 on',
    int: 'a whole number',
    hex: 'bytes in lower-case hexadecimal',
    ranks: 'a list of ranks',
    boolean: 'true or false'
  }[field]
}
