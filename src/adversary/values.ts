/** Values of declared shapes, made up, and slightly changed; what the leaves are, a source decides. */
import type { Crypto } from '../core/environment.ts'
import type { Message } from '../core/messages.ts'
import type { Random } from '../core/random.ts'
import type { Role } from '../core/role.ts'
import type { Meant, ShapeDescription } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { flipBit, oneIn, pick } from './draw.ts'
import type { Format, Utterance } from './wire.ts'

/** Where a value stands. */
export interface Place {
  /** The name of its field. */
  readonly field: string
  /** Whether it stands in a list. */
  readonly listed: boolean
  /** Whether its field is what the message is for: what is proposed, voted for, asked for. */
  readonly content: boolean
}

/** The place of a number or bytes, and what these are. */
export interface Leaf extends Place {
  readonly means: Meant | undefined
}

/** Draws leaves; they must fit the bounds. */
export interface Source {
  readonly random: Random
  uint(leaf: Leaf, max: number): number
  bytes(leaf: Leaf, min: number, max: number): Uint8Array
  /** How many elements a list has. */
  length(field: string, max: number): number
}

export function fabricateMessage({ port, type, fields, role }: Format, source: Source): Utterance {
  const values = fields.map(([name, shape]) => [name, fabricate(placeOf(name, role), shape, source)] as const)
  return { port, message: { ...Object.fromEntries(values), type } }
}

/** The message with one field changed, a little; its type stays. */
export function mutateMessage(message: Message, { fields, role }: Format, source: Source): Message {
  if (fields.length === 0) return message
  const [name, shape] = pick(fields, source.random)
  return { ...message, [name]: mutate(placeOf(name, role), shape, message[name] ?? null, source) }
}

/** An element of the list in that field, made up; null where the field has none. */
export function fabricateElement({ fields, role }: Format, field: string, source: Source): PlainValue {
  const [, shape] = fields.find(([name]) => name === field) ?? []
  return shape?.kind === 'list'
    ? fabricate(within(placeOf(field, role), { listed: true }), shape.of, source)
    : null
}

/** The message with that field changed, a little. */
export function mutateField(
  message: Message,
  { fields, role }: Format,
  field: string,
  source: Source
): Message {
  const [, shape] = fields.find(([name]) => name === field) ?? []
  if (shape === undefined) return message
  return { ...message, [field]: mutate(placeOf(field, role), shape, message[field] ?? null, source) }
}

/** The same message for another content, of which nobody has heard; one that has no content stays as it is. */
export function otherContent(message: Message, { fields, role }: Format, crypto: Crypto): Message {
  const [name, shape] = fields.find(([field]) => field === role?.content) ?? []
  if (name === undefined || shape === undefined) return message
  return { ...message, [name]: other(shape, message[name] ?? null, crypto) }
}

function other(shape: ShapeDescription, value: PlainValue, crypto: Crypto): PlainValue {
  if (shape.kind === 'uint' && typeof value === 'number')
    return value === 0 ? Math.min(1, shape.max) : value - 1
  if (shape.kind === 'bool') return value !== true
  if (shape.kind !== 'bytes' || !(value instanceof Uint8Array)) return value
  if (shape.means === 'digest') return crypto.hash(value)
  return value.map((byte, index) => (index === value.length - 1 ? byte ^ 1 : byte))
}

/** A vote of this kind for what the one that was heard is for; undefined if it takes more than was heard. */
export function voteAs(format: Format, heard: Utterance, heardAs: Format): Utterance | undefined {
  const { port, type, fields, role } = format
  if (role?.role !== 'vote' || port !== heard.port) return undefined
  const message: Record<string, PlainValue> = {}
  for (const [name, shape] of fields) {
    const at = declaredFields(role).indexOf(name)
    const source = at < 0 ? name : declaredFields(heardAs.role)[at]
    const [, said] = heardAs.fields.find(([other]) => other === source) ?? []
    const isSaid = said !== undefined && JSON.stringify(said) === JSON.stringify(shape)
    if (!isSaid && shape.kind !== 'optional') return undefined
    message[name] = isSaid ? (heard.message[String(source)] ?? null) : null
  }
  return { port, message: { ...message, type } }
}

/** The fields of a vote that its role speaks of, in an order that is the same for all votes. */
const declaredFields = (role: Role | undefined) => [
  role?.content,
  role?.instance?.of,
  ...(role?.instance?.numbers ?? [])
]

const placeOf = (field: string, role: Format['role']): Place => ({
  field,
  listed: false,
  content: field === role?.content
})

/** A part of what stands there: in a list, in a record. */
const within = (place: Place, changes: Partial<Place>): Place => ({ ...place, content: false, ...changes })

function leafOf(place: Place, { means }: { readonly means?: Meant }): Leaf {
  return { ...place, means }
}

function fabricate(place: Place, shape: ShapeDescription, source: Source): PlainValue {
  switch (shape.kind) {
    case 'uint':
      return source.uint(leafOf(place, shape), shape.max)
    case 'bytes':
      return source.bytes(leafOf(place, shape), shape.min, shape.max)
    case 'text':
      return 'byzantine'.slice(0, shape.max)
    case 'bool':
      return oneIn(2, source.random)
    case 'optional':
      return oneIn(2, source.random) ? null : fabricate(place, shape.of, source)
    case 'list': {
      const listed = within(place, { listed: true })
      const length = source.length(place.field, shape.max)
      return Array.from({ length }, () => fabricate(listed, shape.of, source))
    }
    case 'record':
      return Object.fromEntries(
        shape.fields.map(([field, of]) => [field, fabricate(within(place, { field }), of, source)])
      )
  }
}

function mutate(place: Place, shape: ShapeDescription, value: PlainValue, source: Source): PlainValue {
  const { random } = source
  switch (shape.kind) {
    case 'uint': {
      if (typeof value !== 'number') return value
      const changed = oneIn(2, random) ? value + 1 : value - 1
      return changed < 0 || changed > shape.max ? value : changed
    }
    case 'bytes': {
      if (!(value instanceof Uint8Array)) return value
      return value.length === 0 || oneIn(2, random)
        ? source.bytes(leafOf(place, shape), shape.min, shape.max)
        : flipBit(value, random)
    }
    case 'bool':
      return value !== true
    case 'text':
      return fabricate(place, shape, source)
    case 'optional':
      return value === null ? fabricate(place, shape.of, source) : null
    case 'list': {
      if (!isList(value) || value.length === 0) return fabricate(place, shape, source)
      const at = random.below(value.length)
      // One element less, or its neighbour once more in its place, or another one.
      if (oneIn(2, random)) return value.filter((_, index) => index !== at)
      const isRepeated = value.length > 1 && oneIn(2, random)
      const neighbour = value[at === 0 ? 1 : at - 1] ?? null
      return value.map((element, index) => {
        if (index !== at) return element
        return isRepeated ? neighbour : mutate(within(place, { listed: true }), shape.of, element, source)
      })
    }
    case 'record': {
      if (!isRecord(value) || shape.fields.length === 0) return value
      const [field, of] = pick(shape.fields, random)
      return { ...value, [field]: mutate(within(place, { field }), of, value[field] ?? null, source) }
    }
  }
}

const isList = (value: PlainValue): value is readonly PlainValue[] => Array.isArray(value)

const isRecord = (value: PlainValue): value is { readonly [name: string]: PlainValue } =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Uint8Array)
