/**
 * Shapes: a message format declared once, from which come its encoder, its strict bounded decoder and its
 * TypeScript type.
 *
 * The wire is CBOR (RFC 8949) narrowed until it is injective (cbor.ts): unsigned integers below 2^53, byte strings,
 * well-formed UTF-8 text, booleans, and arrays of definite length, nested at most {@link DEPTH_MAX} deep. A decoder is
 * driven by its shape: it never recurses on what the bytes say, and it accepts exactly the image of the encoder.
 */
import { assert } from './assert.ts'
import { ARRAY, headSize, type Margins, Reader, textSize, UINT, Writer } from './cbor.ts'
import type { PlainValue } from './trace.ts'

/** How deep arrays may nest. */
export const DEPTH_MAX = 8

export interface Shape<T extends PlainValue> {
  /** For error messages, the fabricating adversary and docs. */
  readonly description: ShapeDescription
  /** How deep arrays nest in it. */
  readonly depth: number
  /**
   * How many bytes the encoding has.
   * @throws AssertionError if the value is not of this shape: our bug, since only our own values are encoded
   */
  size(value: T): number
  /** Writes a value of which {@link size} was asked. */
  write(value: T, writer: Writer): void
  /** What is next; something that means nothing, if the reader fails. */
  read(reader: Reader): T
}

export type ShapeDescription =
  | { readonly kind: 'uint'; readonly max: number; readonly means?: Meant }
  | { readonly kind: 'bytes'; readonly min: number; readonly max: number; readonly means?: Meant }
  | { readonly kind: 'text'; readonly max: number }
  | { readonly kind: 'bool' }
  | { readonly kind: 'optional'; readonly of: ShapeDescription }
  | { readonly kind: 'list'; readonly of: ShapeDescription; readonly max: number }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, of: ShapeDescription])[] }

/** What a value is, where its kind does not tell. */
export type Meant = 'rank' | 'timestamp' | 'digest' | 'signature'

export type ValueOf<S> = S extends Shape<infer T> ? T : never

export function uint(max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  const fits = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max && !Object.is(value, -0)
  return {
    description: { kind: 'uint', max },
    depth: 0,
    size(value) {
      if (!fits(value)) assert(false, `an unsigned integer of at most ${max}, not ${String(value)}`)
      return headSize(value)
    },
    write: (value, writer) => writer.head(UINT, value),
    read(reader) {
      const value = reader.head(UINT)
      if (value > max) reader.fail()
      return value
    }
  }
}

/** The rank of a member: of whom a message speaks, or who signed. */
export const rank: Shape<number> = meaning(uint(), 'rank')

/** A number by which what is read is ordered: the later has the higher. */
export const timestamp: Shape<number> = meaning(uint(), 'timestamp')

/** A byte string of `min` to `max` bytes. */
export function bytes(max: number, min = 0): Shape<Uint8Array> {
  const viewed = byteView(max, min)
  // Values are immutable and may be kept for long: they get bytes of their own.
  return { ...viewed, read: (reader) => viewed.read(reader).slice() }
}

/**
 * As {@link bytes}, but what is decoded is a view of the encoding, and keeps all of it in memory: for what is looked at
 * at once and then let go.
 */
export function byteView(max: number, min = 0): Shape<Uint8Array> {
  const fits = (value: unknown): value is Uint8Array =>
    value instanceof Uint8Array && value.length >= min && value.length <= max
  return {
    description: { kind: 'bytes', min, max },
    depth: 0,
    size(value) {
      if (!fits(value))
        assert(false, `a byte string of ${min} to ${max} bytes, not ${(value as Uint8Array)?.length}`)
      return headSize(value.length) + value.length
    },
    write: (value, writer) => writer.byteString(value),
    read: (reader) => reader.byteString(min, max)
  }
}

/** Exactly `length` bytes. */
export const fixedBytes = (length: number): Shape<Uint8Array> => bytes(length, length)

/** A SHA-256 hash. */
export const digest: Shape<Uint8Array> = meaning(fixedBytes(32), 'digest')

/** An Ed25519 signature. */
export const signature: Shape<Uint8Array> = meaning(fixedBytes(64), 'signature')

/** Well-formed text of at most `max` UTF-16 code units. */
export function text(max: number): Shape<string> {
  const fits = (value: unknown): value is string =>
    typeof value === 'string' && value.length <= max && value.isWellFormed()
  return {
    description: { kind: 'text', max },
    depth: 0,
    size(value) {
      if (!fits(value)) assert(false, `well-formed text of at most ${max} characters`)
      const size = textSize(value)
      return headSize(size) + size
    },
    write: (value, writer) => writer.text(value),
    read: (reader) => reader.text(max)
  }
}

export const bool: Shape<boolean> = {
  description: { kind: 'bool' },
  depth: 0,
  size(value) {
    assert(typeof value === 'boolean', 'a boolean')
    return 1
  },
  write: (value, writer) => writer.bool(value),
  read: (reader) => reader.bool()
}

/** A value or null, as an array of one element or none: so that nothing needs to be looked at twice. */
export function optional<T extends PlainValue>(shape: Shape<T>): Shape<T | null> {
  assert(
    shape.description.kind !== 'optional',
    'an optional value is not null itself: one null, two encodings'
  )
  return {
    description: { kind: 'optional', of: shape.description },
    depth: nested(shape.depth),
    size: (value) => 1 + (value === null ? 0 : shape.size(value)),
    write(value, writer) {
      writer.head(ARRAY, value === null ? 0 : 1)
      if (value !== null) shape.write(value, writer)
    },
    read(reader) {
      const length = reader.head(ARRAY)
      if (length > 1) reader.fail()
      return length === 0 ? null : shape.read(reader)
    }
  }
}

/** At most `max` values of one shape. */
export function list<T extends PlainValue>(shape: Shape<T>, max: number): Shape<readonly T[]> {
  return {
    description: { kind: 'list', of: shape.description, max },
    depth: nested(shape.depth),
    size(values) {
      assert(Array.isArray(values) && values.length <= max, () => `a list of at most ${max} elements`)
      let size = headSize(values.length)
      for (const value of values) size += shape.size(value)
      return size
    },
    write(values, writer) {
      writer.head(ARRAY, values.length)
      for (const value of values) shape.write(value, writer)
    },
    read(reader) {
      const length = reader.head(ARRAY)
      if (length > max) reader.fail()
      const values: T[] = []
      while (values.length < length && !reader.failed) values.push(shape.read(reader))
      return values
    }
  }
}

/** The shapes of a record, by the names of its fields. */
export type Fields = { readonly [name: string]: Shape<PlainValue> }
export type RecordOf<F> = { readonly [K in keyof F]: ValueOf<F[K]> }

/** A fixed array with a named shape for each element, in the order of declaration. */
export function record<const F extends Fields>(fields: F): Shape<RecordOf<F>> {
  const entries = Object.entries(fields)
  return {
    description: {
      kind: 'record',
      fields: entries.map(([name, shape]) => [name, shape.description] as const)
    },
    depth: nested(Math.max(0, ...entries.map(([, shape]) => shape.depth))),
    size(value) {
      let size = headSize(entries.length)
      for (const [name, shape] of entries) size += shape.size(value[name as keyof F])
      return size
    },
    write(value, writer) {
      writer.head(ARRAY, entries.length)
      for (const [name, shape] of entries) shape.write(value[name as keyof F], writer)
    },
    read(reader) {
      if (reader.head(ARRAY) !== entries.length) reader.fail()
      const value: Record<string, PlainValue> = {}
      for (const [name, shape] of entries) value[name] = shape.read(reader)
      return value as RecordOf<F>
    }
  }
}

/** @param margins - zeros around the encoding: none, unless told otherwise */
export function encode<T extends PlainValue>(shape: Shape<T>, value: T, margins?: Margins): Uint8Array {
  const writer = new Writer(shape.size(value), margins)
  shape.write(value, writer)
  assert(writer.isFull, 'an encoding has the size that was foretold')
  return writer.bytes
}

/** The value, or undefined if the bytes are not exactly what {@link encode} makes of some value of the shape. */
export function decode<T extends PlainValue>(shape: Shape<T>, encoded: Uint8Array): T | undefined {
  const reader = new Reader(encoded)
  const value = shape.read(reader)
  return reader.isDone ? value : undefined
}

/** The same shape, which says what its values are. */
function meaning<T extends PlainValue>(shape: Shape<T>, means: Meant): Shape<T> {
  const description = { ...shape.description, means }
  return { ...shape, description }
}

function nested(depth: number): number {
  assert(depth < DEPTH_MAX, `a shape nests at most ${DEPTH_MAX} deep`)
  return depth + 1
}
