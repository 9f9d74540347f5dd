/** Choices as they stand in files: read strictly, for a file may come from anybody. */
import { isWithin, shown } from '../core/parameters.ts'
import type { Choice } from '../simulator/schedule.ts'

/** What a field of a choice must be. */
type Field =
  | 'uint'
  | 'name'
  | 'numbers'
  | 'us'
  | 'ms'
  | 'ppm'
  | 'hex'
  | 'ranks'
  | 'boolean'
  | readonly string[]

const link = { from: 'uint', to: 'uint', number: 'uint' } as const
const ofProcess = { process: 'uint', number: 'uint' } as const
const act = { process: 'uint', at: 'us', to: 'uint', bytes: 'hex' } as const

/** What each kind of choice has beside its kind; docs/trace-format.md says what they mean. */
export const CHOICE_FIELDS: { readonly [K in Choice['kind']]: { readonly [field: string]: Field } } = {
  delay: { ...link, us: 'us' },
  lose: link,
  overtake: { ...link, us: 'us' },
  duplicate: { ...link, us: 'us' },
  handshake: { ...link, us: 'us' },
  sync: { ...ofProcess, us: 'us' },
  'sync-fails': { ...ofProcess, us: 'us' },
  unsynced: { ...ofProcess, left: ['all', 'torn'] },
  'omit-send': ofProcess,
  'omit-receive': ofProcess,
  consume: { ...ofProcess, us: 'us' },
  clock: { process: 'uint', offsetMs: 'ms', driftPpm: 'ppm' },
  'clock-jump': { process: 'uint', at: 'us', ms: 'ms' },
  request: { ...ofProcess, at: 'us', service: 'name', name: 'name', arguments: 'numbers' },
  crash: { process: 'uint', at: 'us', until: 'us' },
  pause: { process: 'uint', at: 'us', until: 'us' },
  'crash-on': { ...ofProcess, event: ['sync', 'send', 'return'], us: 'us' },
  partition: { at: 'us', until: 'us', side: 'ranks', oneWay: 'boolean' },
  'end-session': { a: 'uint', b: 'uint', at: 'us' },
  act,
  frame: act
}

/** More bytes than this in one request are not a test but an accident. */
const PAYLOAD_BYTES_MAX = 16 * 1024 * 1024

/** Of a service, of a request, of an argument; and how many arguments a request has. */
const NAME_CHARACTERS_MAX = 64
const ARGUMENTS_MAX = 16

/** Beyond every run, which has at most two days; microseconds. */
const TIME_US_MAX = 2 ** 40

/** Thirty years, which is further than a clock is off; milliseconds, in either direction. */
const CLOCK_OFF_MS_MAX = 2 ** 40

/** Half as fast again, or half as slow: at a clock that runs a million times faster all timers are due at once. */
const CLOCK_DRIFT_PPM_MAX = 500_000

/** Processes of one side of a partition. */
const RANKS_MAX = 256

/** @returns the choice, or what is wrong with it */
export function readChoice(value: unknown): Choice | string {
  if (typeof value !== 'object' || value === null) return 'a choice is an object'
  const given = value as { readonly [field: string]: unknown }
  const fields = typeof given.kind === 'string' && isKind(given.kind) ? CHOICE_FIELDS[given.kind] : undefined
  if (fields === undefined) return `there is no choice of the kind ${shown(given.kind)}`
  for (const name of Object.keys(given)) {
    if (name !== 'kind' && !(name in fields)) return `${String(given.kind)} has no ${shown(name)}`
  }
  for (const [name, field] of Object.entries(fields)) {
    if (!isOf(field, given[name])) return `${String(given.kind)}: ${name} is not ${describe(field)}`
  }
  const { bytes = 0 } = (given.kind === 'request' ? given.arguments : {}) as { readonly bytes?: number }
  if (bytes > PAYLOAD_BYTES_MAX) return `${given.kind}: bytes is at most ${PAYLOAD_BYTES_MAX}`
  return given as Choice
}

const isKind = (kind: string): kind is Choice['kind'] => Object.hasOwn(CHOICE_FIELDS, kind)

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= NAME_CHARACTERS_MAX && /^[A-Za-z][A-Za-z0-9-]*$/.test(value)

function isNumbers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const entries = Object.entries(value)
  return entries.length <= ARGUMENTS_MAX && entries.every(([name, number]) => isName(name) && isUint(number))
}

const isUint = (value: unknown) => isWithin(value, 0, Number.MAX_SAFE_INTEGER)

function isOf(field: Field, value: unknown): boolean {
  if (typeof field === 'object') return field.includes(String(value))
  switch (field) {
    case 'uint':
      return isUint(value)
    case 'name':
      return isName(value)
    case 'numbers':
      return isNumbers(value)
    case 'us':
      return isWithin(value, 0, TIME_US_MAX)
    case 'ms':
      return isWithin(value, -CLOCK_OFF_MS_MAX, CLOCK_OFF_MS_MAX)
    case 'ppm':
      return isWithin(value, -CLOCK_DRIFT_PPM_MAX, CLOCK_DRIFT_PPM_MAX)
    case 'hex':
      return typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-f]*$/.test(value)
    case 'ranks':
      return Array.isArray(value) && value.length <= RANKS_MAX && value.every(isUint)
    case 'boolean':
      return typeof value === 'boolean'
  }
}

function describe(field: Field): string {
  if (typeof field === 'object') return `one of ${field.join(', ')}`
  return {
    uint: 'a whole number from 0 on',
    name: `a name of at most ${NAME_CHARACTERS_MAX} letters, digits and hyphens`,
    numbers: `at most ${ARGUMENTS_MAX} whole numbers from 0 on, by name`,
    us: `microseconds from 0 to ${TIME_US_MAX}`,
    ms: `milliseconds, at most ${CLOCK_OFF_MS_MAX} in either direction`,
    ppm: `parts per million, at most ${CLOCK_DRIFT_PPM_MAX} in either direction`,
    hex: 'bytes in lower-case hexadecimal',
    ranks: 'a list of ranks',
    boolean: 'true or false'
  }[field]
}
