/**
 * CBOR (RFC 8949) narrowed until it is injective, byte by byte: a writer that fills one buffer of the right size, and a
 * reader that walks one. What there is: unsigned integers below 2^53, byte strings, well-formed UTF-8 text, booleans,
 * and the heads of arrays, each with the shortest head and of definite length. No floats, maps, tags or null.
 *
 * Bytes that are read may be hostile, and then they are many: a reader that meets what no writer writes fails. It
 * throws nothing and goes on to give zeros and empty strings, which whoever reads throws away (shapes.ts).
 */

import { sameBytes } from './bytes.ts'

/** The major types, in the place where a head has them. */
export const UINT = 0x00
const BYTES = 0x40
const TEXT = 0x60
export const ARRAY = 0x80
type Major = typeof UINT | typeof BYTES | typeof TEXT | typeof ARRAY

const FALSE = 0xf4
const TRUE = 0xf5

/** Additional information of a head: the argument itself below this, else in how many bytes it follows. */
const ARGUMENT_1 = 24
const ARGUMENT_2 = 25
const ARGUMENT_4 = 26
const ARGUMENT_8 = 27

const TWO_32 = 2 ** 32
/** The high half of what is below 2^53. */
const HIGH_MAX = 2 ** 21 - 1

/** The bytes of a head with this argument. */
export function headSize(argument: number): number {
  if (argument < ARGUMENT_1) return 1
  if (argument <= 0xff) return 2
  if (argument <= 0xffff) return 3
  return argument < TWO_32 ? 5 : 9
}

/** The bytes of a text in UTF-8. */
export function textSize(text: string): number {
  let size = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Both halves of a surrogate pair are two bytes each.
    if (unit > 0x7f) size += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return size
}

const encoder = new TextEncoder()
/** It replaces what is malformed; a byte order mark is a character like others. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Bytes that are left free around what is written, for whoever sends it. */
export interface Margins {
  readonly before?: number
  readonly after?: number
}

export class Writer {
  readonly bytes: Uint8Array
  readonly #end: number
  #at: number

  /** @param size - of all that will be written, exactly */
  constructor(size: number, { before = 0, after = 0 }: Margins = {}) {
    this.bytes = new Uint8Array(before + size + after)
    this.#at = before
    this.#end = before + size
  }

  get isFull(): boolean {
    return this.#at === this.#end
  }

  head(major: Major, argument: number): void {
    if (argument < ARGUMENT_1) {
      this.#byte(major | argument)
    } else if (argument <= 0xff) {
      this.#byte(major | ARGUMENT_1)
      this.#byte(argument)
    } else if (argument <= 0xffff) {
      this.#byte(major | ARGUMENT_2)
      this.#byte(argument >>> 8)
      this.#byte(argument)
    } else if (argument < TWO_32) {
      this.#byte(major | ARGUMENT_4)
      this.#word(argument)
    } else {
      this.#byte(major | ARGUMENT_8)
      this.#word(Math.floor(argument / TWO_32))
      this.#word(argument % TWO_32)
    }
  }

  bool(value: boolean): void {
    this.#byte(value ? TRUE : FALSE)
  }

  byteString(value: Uint8Array): void {
    this.head(BYTES, value.length)
    this.bytes.set(value, this.#at)
    this.#at += value.length
  }

  text(value: string): void {
    const size = textSize(value)
    this.head(TEXT, size)
    if (size === value.length) for (let i = 0; i < size; i++) this.#byte(value.charCodeAt(i))
    else this.#at += encoder.encodeInto(value, this.bytes.subarray(this.#at)).written
  }

  #byte(byte: number): void {
    this.bytes[this.#at++] = byte
  }

  #word(word: number): void {
    this.#byte(word >>> 24)
    this.#byte(word >>> 16)
    this.#byte(word >>> 8)
    this.#byte(word)
  }
}

/** Texts up to this many bytes are read faster here than by a decoder. */
const SHORT_TEXT_BYTES = 32

export class Reader {
  readonly #bytes: Uint8Array
  #at = 0
  #failed = false

  constructor(bytes: Uint8Array) {
    // A Buffer's own slice() is a view.
    this.#bytes =
      bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** It met something that no writer writes, or {@link fail} was called. */
  get failed(): boolean {
    return this.#failed
  }

  /** Whether it has read all there was, and did not fail. */
  get isDone(): boolean {
    return !this.#failed && this.#at === this.#bytes.length
  }

  fail(): void {
    this.#failed = true
  }

  /** The argument of a head of this major type. */
  head(major: Major): number {
    const initial = this.#byte()
    if ((initial & 0xe0) !== major) return this.#mismatch()
    const info = initial & 0x1f
    if (info < ARGUMENT_1) return info
    switch (info) {
      case ARGUMENT_1:
        return this.#atLeast(ARGUMENT_1, this.#byte())
      case ARGUMENT_2:
        return this.#atLeast(0x100, this.#byte() * 0x100 + this.#byte())
      case ARGUMENT_4:
        return this.#atLeast(0x10000, this.#word())
      case ARGUMENT_8: {
        const high = this.#word()
        return high > HIGH_MAX ? this.#mismatch() : this.#atLeast(TWO_32, high * TWO_32 + this.#word())
      }
      default:
        return this.#mismatch()
    }
  }

  bool(): boolean {
    const byte = this.#byte()
    if (byte !== TRUE && byte !== FALSE) this.fail()
    return byte === TRUE
  }

  /** A byte string of `min` to `max` bytes, as a view of what is read. */
  byteString(min: number, max: number): Uint8Array {
    const length = this.head(BYTES)
    if (length < min || length > max) this.fail()
    return this.#take(length)
  }

  /** At most `max` UTF-16 code units. */
  text(max: number): string {
    const length = this.head(TEXT)
    // No code unit is more than three bytes.
    if (length > 3 * max) this.fail()
    const taken = this.#take(length)
    const short = taken.length <= SHORT_TEXT_BYTES ? ascii(taken) : undefined
    const value = short ?? decoder.decode(taken)
    // Malformed bytes were replaced, and the text is then that of others.
    if (value.length > max || (short === undefined && !sameBytes(encoder.encode(value), taken))) this.fail()
    return value
  }

  #take(length: number): Uint8Array {
    const from = this.#at
    if (this.#failed || length > this.#bytes.length - from) {
      this.fail()
      return NOTHING
    }
    this.#at += length
    return this.#bytes.subarray(from, this.#at)
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) return this.#mismatch()
    return this.#bytes[this.#at++] as number
  }

  #word(): number {
    return this.#byte() * 0x1000000 + this.#byte() * 0x10000 + this.#byte() * 0x100 + this.#byte()
  }

  /** What fits into a shorter head is written with that. */
  #atLeast(least: number, argument: number): number {
    return argument < least ? this.#mismatch() : argument
  }

  #mismatch(): 0 {
    this.#failed = true
    return 0
  }
}

const NOTHING = new Uint8Array(0)

function ascii(bytes: Uint8Array): string | undefined {
  let text = ''
  for (const byte of bytes) {
    if (byte > 0x7f) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}
