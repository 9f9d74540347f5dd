/** Values of declared shapes, made up, and slightly changed; what the leaves are, a source decides. */
import type { Message } from '../core/messages.ts'
import type { Random } from '../core/random.ts'
import type { ShapeDescription } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { flipBit, oneIn, pick } from './draw.ts'
import type { Format, Utterance } from './wire.ts'

/** Draws leaves by the name of the field that they stand in; they must fit the bounds. */
export interface Source {
  readonly random: Random
  uint(field: string, max: number): number
  bytes(field: string, min: number, max: number): Uint8Array
  /** How many elements a list has. */
  length(field: string, max: number): number
}

export function fabricateMessage({ port, type, fields }: Format, source: Source): Utterance {
  const values = fields.map(([name, shape]) => [name, fabricate(name, shape, source)] as const)
  return { port, message: { ...Object.fromEntries(values), type } }
}

/** The message with one field changed, a little; its type stays. */
export function mutateMessage(message: Message, { fields }: Format, source: Source): Message {
  if (fields.length === 0) return message
  const [name, shape] = pick(fields, source.random)
  return { ...message, [name]: mutate(name, shape, message[name] ?? null, source) }
}

function fabricate(field: string, shape: ShapeDescription, source: Source): PlainValue {
  switch (shape.kind) {
    case 'uint':
      return source.uint(field, shape.max)
    case 'bytes':
      return source.bytes(field, shape.min, shape.max)
    case 'text':
      return 'byzantine'.slice(0, shape.max)
    case 'bool':
      return oneIn(2, source.random)
    case 'optional':
      return oneIn(2, source.random) ? null : fabricate(field, shape.of, source)
    case 'list':
      return Array.from({ length: source.length(field, shape.max) }, () => fabricate(field, shape.of, source))
    case 'record':
      return Object.fromEntries(shape.fields.map(([name, of]) => [name, fabricate(name, of, source)]))
  }
}

function mutate(field: string, shape: ShapeDescription, value: PlainValue, source: Source): PlainValue {
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
        ? source.bytes(field, shape.min, shape.max)
        : flipBit(value, random)
    }
    case 'bool':
      return value !== true
    case 'text':
      return fabricate(field, shape, source)
    case 'optional':
      return value === null ? fabricate(field, shape.of, source) : null
    case 'list': {
      if (!isList(value) || value.length === 0) return fabricate(field, shape, source)
      const at = random.below(value.length)
      // One element less, or another one in its place.
      if (oneIn(2, random)) return value.filter((_, index) => index !== at)
      return value.map((element, index) =>
        index === at ? mutate(field, shape.of, element, source) : element
      )
    }
    case 'record': {
      if (!isRecord(value) || shape.fields.length === 0) return value
      const [name, of] = pick(shape.fields, random)
      return { ...value, [name]: mutate(name, of, value[name] ?? null, source) }
    }
  }
}

const isList = (value: PlainValue): value is readonly PlainValue[] => Array.isArray(value)

const isRecord = (value: PlainValue): value is { readonly [name: string]: PlainValue } =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Uint8Array)
