/**
 * Shapes: a message format declared once, from which come its encoder, its strict bounded decoder and its
 * TypeScript type.
 *
 * The wire is CBOR (RFC 8949, through cborg) narrowed until it is injective: unsigned integers below 2^53, byte
 * strings, well-formed UTF-8 text, booleans, and arrays of definite length, nested at most
 * {@link DEPTH_MAX} deep; no floats, maps or tags. A decoder is driven by its shape, token by token: it never
 * recurses on what the bytes say, and it accepts exactly the image of the encoder.
 */
import { encode as encodeCbor, type Token, Tokenizer, Type } from 'cborg'
import { assert } from './assert.ts'
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
  /** Reads the value from the tokens; throws {@link Mismatch} on anything else. */
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

/** Thrown by readers and caught in {@link decode} only: hostile bytes are an expected input. */
class Mismatch extends Error {}

/** The tokens of one encoded value. */
export class Tokens {
  readonly #tokenizer: Tokenizer

  constructor(bytes: Uint8Array) {
    // A Node Buffer would make cborg hand out views of it: values are immutable, so they get their own bytes.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#tokenizer = new Tokenizer(plain, { strict: true, allowIndefinite: false, retainStringBytes: true })
  }

  next(): Token {
    if (this.#tokenizer.done()) throw new Mismatch('too short')
    return this.#tokenizer.next()
  }

  /** The head of an array of `length` elements. */
  array(length: number): void {
    if (this.arrayLength() !== length) throw new Mismatch('wrong number of elements')
  }

  /** The head of an array; how many elements it says to have. */
  arrayLength(): number {
    const { type, value } = this.next()
    if (type !== Type.array || typeof value !== 'number') throw new Mismatch('expected an array')
    return value
  }

  end(): void {
    if (!this.#tokenizer.done()) throw new Mismatch('trailing bytes')
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
      const { type, value } = tokens.next()
      if (type !== Type.uint || !fits(value)) throw new Mismatch('expected an unsigned integer')
      return value
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
      const { type, value } = tokens.next()
      if (type !== Type.bytes || !fits(value)) throw new Mismatch('expected a byte string')
      return value
    }
  }
}

/** Exactly `length` bytes. */
export const fixedBytes = (length: number): Shape<Uint8Array> => bytes(length, length)

/** A SHA-256 hash. */
export const digest: Shape<Uint8Array> = fixedBytes(32)

/** An Ed25519 signature. */
export const signature: Shape<Uint8Array> = fixedBytes(64)

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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
      const { type, byteValue } = tokens.next()
      if (type !== Type.string) throw new Mismatch('expected text')
      // cborg's own decoding is not ours: it replaces invalid UTF-8, where the fatal decoder throws and decode()
      // catches, and it drops a byte order mark. It keeps no bytes of an empty text alone.
      const value = byteValue === undefined ? '' : utf8Decoder.decode(byteValue)
      if (!fits(value)) throw new Mismatch('text too long')
      return value
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
  read(tokens) {
    const { type } = tokens.next()
    if (type === Type.true) return true
    if (type === Type.false) return false
    throw new Mismatch('expected a boolean')
  }
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
      if (length > 1) throw new Mismatch('expected at most one element')
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
      if (length > max) throw new Mismatch('list too long')
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
  } catch {
    // Three sources, all of them hostile bytes and nothing else: Mismatch, cborg's own errors on truncated or
    // non-canonical input, and the fatal UTF-8 decoder. Readers have no side effects.
    return undefined
  }
}

function nested(depth: number): number {
  assert(depth < DEPTH_MAX, `a shape nests at most ${DEPTH_MAX} deep`)
  return depth + 1
}
