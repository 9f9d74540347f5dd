/**
 * Shapes: a message format declared once, from which come its encoder, its strict bounded decoder and its
 * TypeScript type.
 *
 * The wire is CBOR (RFC 8949, written by cborg) narrowed until it is injective: unsigned integers below 2^53, byte
 * strings, well-formed UTF-8 text, booleans, and arrays of definite length, nested at most
 * {@link DEPTH_MAX} deep; no floats, maps or tags. A decoder is driven by its shape, token by token: it never
 * recurses on what the bytes say, and it accepts exactly the image of the encoder. What it refuses costs no more than what
 * it accepts: no error is made, with a trace of the stack, for bytes that anybody can send.
 */
import { encode as encodeCbor } from 'cborg'
import { assert } from './assert.ts'
import { sameBytes } from './bytes.ts'
import type { PlainValue } from './trace.ts'

/** How deep arrays may nest. */
export const DEPTH_MAX = 8

/** What cborg is given to encode. */
type Cbor = number | Uint8Array | string | boolean | null | readonly Cbor[]

export interface Shape<T extends PlainValue> {
  /** For error messages, the fabricating adversary and docs. */
  readonly description: ShapeDescription
  /** How deep arrays nest in it. */
  readonly depth: number
  /** @throws AssertionError if the value is not of this shape: our bug, since only our own values are encoded */
  toCbor(value: T): Cbor
  /** Reads the value from the tokens; throws what {@link decode} catches on anything else. */
  read(tokens: Tokens): T
}

export type ShapeDescription =
  | { readonly kind: 'uint'; readonly max: number }
  | { readonly kind: 'bytes'; readonly min: number; readonly max: number }
  | { readonly kind: 'text'; readonly max: number }
  | { readonly kind: 'bool' }
  | { readonly kind: 'optional'; readonly of: ShapeDescription }
  | { readonly kind: 'list'; readonly of: ShapeDescription; readonly max: number }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, of: ShapeDescription])[] }

export type ValueOf<S> = S extends Shape<infer T> ? T : never

/** Thrown by readers and caught in {@link decode} only: hostile bytes are an expected input. There is one of it. */
const MISMATCH = new Error('not an encoding of this shape')

function mismatch(): never {
  throw MISMATCH
}

/** Major types of CBOR, and two of its simple values. */
const UINT = 0
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const FALSE = 0xf4
const TRUE = 0xf5

/** The least number that a head of one, two, four or eight bytes more may say: what is less has a shorter one. */
const LEAST = [24, 2 ** 8, 2 ** 16, 2 ** 32] as const

/** The tokens of one encoded value. */
export class Tokens {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    // The slices of a Node Buffer would be views of it: values are immutable, so they get their own bytes.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  uint(): number {
    return this.#head(UINT)
  }

  /** A byte string of at most `max` bytes. */
  bytes(max: number): Uint8Array {
    return this.#string(BYTES, max)
  }

  /** The bytes of a text, at most `max` of them. */
  text(max: number): Uint8Array {
    return this.#string(TEXT, max)
  }

  bool(): boolean {
    const byte = this.#bytes[this.#at++]
    return byte === TRUE || (byte !== FALSE && mismatch())
  }

  /** The head of an array of `length` elements. */
  array(length: number): void {
    if (this.arrayLength() !== length) mismatch()
  }

  /** The head of an array; how many elements it says to have. */
  arrayLength(): number {
    return this.#head(ARRAY)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) mismatch()
  }

  #string(major: number, max: number): Uint8Array {
    const length = this.#head(major)
    const end = this.#at + length
    if (length > max || end > this.#bytes.length) mismatch()
    const string = this.#bytes.slice(this.#at, end)
    this.#at = end
    return string
  }

  #head(major: number): number {
    const first = this.#bytes[this.#at++] ?? mismatch()
    if (first >> 5 !== major) mismatch()
    const minor = first & 0x1f
    if (minor < 24) return minor
    const least = LEAST[minor - 24] ?? mismatch()
    const end = this.#at + 2 ** (minor - 24)
    if (end > this.#bytes.length) mismatch()
    let value = 0
    while (this.#at < end) value = value * 256 + (this.#bytes[this.#at++] as number)
    return value >= least && Number.isSafeInteger(value) ? value : mismatch()
  }
}

export function uint(max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  const fits = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max && !Object.is(value, -0)
  return {
    description: { kind: 'uint', max },
    depth: 0,
    toCbor(value) {
      assert(fits(value), () => `an unsigned integer of at most ${max}, not ${String(value)}`)
      return value
    },
    read(tokens) {
      const value = tokens.uint()
      return fits(value) ? value : mismatch()
    }
  }
}

/** A byte string of `min` to `max` bytes. */
export function bytes(max: number, min = 0): Shape<Uint8Array> {
  const fits = (value: unknown): value is Uint8Array =>
    value instanceof Uint8Array && value.length >= min && value.length <= max
  return {
    description: { kind: 'bytes', min, max },
    depth: 0,
    toCbor(value) {
      assert(fits(value), () => `a byte string of ${min} to ${max} bytes, not ${value?.length}`)
      return value
    },
    read(tokens) {
      const value = tokens.bytes(max)
      return fits(value) ? value : mismatch()
    }
  }
}

/** Exactly `length` bytes. */
export const fixedBytes = (length: number): Shape<Uint8Array> => bytes(length, length)

/** A SHA-256 hash. */
export const digest: Shape<Uint8Array> = fixedBytes(32)

/** An Ed25519 signature. */
export const signature: Shape<Uint8Array> = fixedBytes(64)

const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const utf8Encoder = new TextEncoder()
const REPLACEMENT = '\ufffd'
/** Of a UTF-16 code unit. */
const UTF8_BYTES_MAX = 3

/** The decoder puts a replacement for what is invalid: where there is one, it has to be in the bytes. */
function decodeUtf8(encoded: Uint8Array): string {
  const value = utf8Decoder.decode(encoded)
  const isValid = !value.includes(REPLACEMENT) || sameBytes(utf8Encoder.encode(value), encoded)
  return isValid ? value : mismatch()
}

/** Well-formed text of at most `max` UTF-16 code units. */
export function text(max: number): Shape<string> {
  const fits = (value: unknown): value is string =>
    typeof value === 'string' && value.length <= max && value.isWellFormed()
  return {
    description: { kind: 'text', max },
    depth: 0,
    toCbor(value) {
      assert(fits(value), () => `well-formed text of at most ${max} characters`)
      return value
    },
    read(tokens) {
      const value = decodeUtf8(tokens.text(max * UTF8_BYTES_MAX))
      return fits(value) ? value : mismatch()
    }
  }
}

export const bool: Shape<boolean> = {
  description: { kind: 'bool' },
  depth: 0,
  toCbor(value) {
    assert(typeof value === 'boolean', 'a boolean')
    return value
  },
  read: (tokens) => tokens.bool()
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
    toCbor: (value) => (value === null ? [] : [shape.toCbor(value)]),
    read(tokens) {
      const length = tokens.arrayLength()
      if (length > 1) mismatch()
      return length === 0 ? null : shape.read(tokens)
    }
  }
}

/** At most `max` values of one shape. */
export function list<T extends PlainValue>(shape: Shape<T>, max: number): Shape<readonly T[]> {
  return {
    description: { kind: 'list', of: shape.description, max },
    depth: nested(shape.depth),
    toCbor(values) {
      assert(Array.isArray(values) && values.length <= max, () => `a list of at most ${max} elements`)
      return values.map((value) => shape.toCbor(value))
    },
    read(tokens) {
      const length = tokens.arrayLength()
      if (length > max) mismatch()
      const values: T[] = []
      for (let i = 0; i < length; i++) values.push(shape.read(tokens))
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
    toCbor: (value) => entries.map(([name, shape]) => shape.toCbor(value[name as keyof F])),
    read(tokens) {
      tokens.array(entries.length)
      const value: Record<string, PlainValue> = {}
      for (const [name, shape] of entries) value[name] = shape.read(tokens)
      return value as RecordOf<F>
    }
  }
}

export function encode<T extends PlainValue>(shape: Shape<T>, value: T): Uint8Array {
  return encodeCbor(shape.toCbor(value))
}

/** The value, or undefined if the bytes are not exactly what {@link encode} makes of some value of the shape. */
export function decode<T extends PlainValue>(shape: Shape<T>, encoded: Uint8Array): T | undefined {
  const tokens = new Tokens(encoded)
  try {
    const value = shape.read(tokens)
    tokens.end()
    return value
  } catch (error) {
    // Hostile bytes and nothing else; readers have no side effects.
    if (error !== MISMATCH) throw error
    return undefined
  }
}

function nested(depth: number): number {
  assert(depth < DEPTH_MAX, `a shape nests at most ${DEPTH_MAX} deep`)
  return depth + 1
}
