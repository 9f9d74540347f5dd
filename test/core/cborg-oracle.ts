/**
 * The wire format once more, through cborg: what the codec of the core must agree with, byte for byte, in what it
 * writes and in what it accepts.
 */
import { encode as encodeCbor, type Token, Tokenizer, Type } from 'cborg'
import type { ShapeDescription } from '../../src/core/shapes.ts'
import type { PlainValue } from '../../src/core/trace.ts'

type Fields = { readonly [name: string]: PlainValue }

/** What cborg is given for a value of the shape. */
function toCbor(shape: ShapeDescription, value: PlainValue): unknown {
  switch (shape.kind) {
    case 'optional':
      return value === null ? [] : [toCbor(shape.of, value)]
    case 'list':
      return (value as readonly PlainValue[]).map((each) => toCbor(shape.of, each))
    case 'record':
      return shape.fields.map(([name, of]) => toCbor(of, (value as Fields)[name] as PlainValue))
    default:
      return value
  }
}

export const oracleEncode = (shape: ShapeDescription, value: PlainValue): Uint8Array =>
  encodeCbor(toCbor(shape, value))

class Mismatch extends Error {}

class Tokens {
  readonly #tokenizer: Tokenizer

  constructor(bytes: Uint8Array) {
    this.#tokenizer = new Tokenizer(bytes, { strict: true, allowIndefinite: false, retainStringBytes: true })
  }

  get done(): boolean {
    return this.#tokenizer.done()
  }

  next(type?: Type): Token {
    if (this.done) throw new Mismatch()
    const token = this.#tokenizer.next()
    if (type !== undefined && token.type !== type) throw new Mismatch()
    return token
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const require = (condition: boolean): void => {
  if (!condition) throw new Mismatch()
}

function read(shape: ShapeDescription, tokens: Tokens): PlainValue {
  switch (shape.kind) {
    case 'uint': {
      const value = tokens.next(Type.uint).value as number
      require(Number.isSafeInteger(value) && value <= shape.max)
      return value
    }
    case 'bytes': {
      const value = tokens.next(Type.bytes).value as Uint8Array
      require(value.length >= shape.min && value.length <= shape.max)
      return value
    }
    case 'text': {
      const { byteValue } = tokens.next(Type.string) as { byteValue?: Uint8Array }
      const value = byteValue === undefined ? '' : utf8.decode(byteValue)
      require(value.length <= shape.max)
      return value
    }
    case 'bool': {
      const { type } = tokens.next()
      require(type === Type.true || type === Type.false)
      return type === Type.true
    }
    case 'optional': {
      const length = tokens.next(Type.array).value as number
      require(length <= 1)
      return length === 0 ? null : read(shape.of, tokens)
    }
    case 'list': {
      const length = tokens.next(Type.array).value as number
      require(length <= shape.max)
      return Array.from({ length }, () => read(shape.of, tokens))
    }
    case 'record': {
      require(tokens.next(Type.array).value === shape.fields.length)
      return Object.fromEntries(shape.fields.map(([name, of]) => [name, read(of, tokens)]))
    }
  }
}

/** Undefined for whatever is not the encoding of a value of the shape. */
export function oracleDecode(shape: ShapeDescription, encoded: Uint8Array): PlainValue | undefined {
  try {
    const tokens = new Tokens(encoded)
    const value = read(shape, tokens)
    return tokens.done ? value : undefined
  } catch {
    // Hostile bytes: a Mismatch, cborg's own errors, or the fatal UTF-8 decoder.
    return undefined
  }
}
