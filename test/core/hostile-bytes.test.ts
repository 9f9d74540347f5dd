/** Bytes that an adversary chose: refused without a throw, in time and memory that follow the shape alone. */
import { describe, expect, test, vi } from 'vitest'
import { concatBytes, fromHex, utf8 } from '../../src/core/bytes.ts'
import {
  bool,
  bytes,
  decode,
  encode,
  list,
  optional,
  record,
  type Shape,
  text,
  uint
} from '../../src/core/shapes.ts'
import type { PlainValue } from '../../src/core/trace.ts'

const everyShape: readonly Shape<PlainValue>[] = [
  uint(),
  bytes(1_000),
  text(1_000),
  bool,
  optional(uint()),
  list(uint(), 1_000),
  list(optional(list(bytes(9), 9)), 9),
  record({ a: uint(), b: bytes(9), c: text(9), d: bool })
]

function expectRefusedByAll(hostile: Uint8Array): void {
  for (const shape of everyShape) expect(decode(shape, hostile)).toBeUndefined()
}

describe('no shape accepts', () => {
  test.each([
    ['nothing at all', ''],
    ['a negative integer', '20'],
    ['an integer of 2^53', '1b0020000000000000'],
    ['an integer of 2^64 - 1', '1bffffffffffffffff'],
    ['24 in two bytes too many', '190018'],
    ['0 in two bytes', '1800'],
    ['23 in two bytes', '1817'],
    ['255 in three bytes', '1900ff'],
    ['65535 in five bytes', '1a0000ffff'],
    ['2^32 - 1 in nine bytes', '1b00000000ffffffff'],
    ['a half float, zero', 'f90000'],
    ['a half float, minus zero', 'f98000'],
    ['a single float', 'fa3f800000'],
    ['a double float', 'fb3ff0000000000000'],
    ['not a number', 'f97e00'],
    ['null', 'f6'],
    ['undefined', 'f7'],
    ['a simple value', 'e0'],
    ['false in two bytes', 'f814'],
    ['a break alone', 'ff'],
    ['an empty map', 'a0'],
    ['a map', 'a10000'],
    ['a tagged integer', 'c000'],
    ['a tagged byte string, a bignum', 'c24101'],
    ['a tag in three bytes', 'd9d9f700'],
    ['an indefinite byte string', '5f4101ff'],
    ['an empty indefinite byte string', '5fff'],
    ['an indefinite text', '7f6161ff'],
    ['an indefinite array', '9f01ff'],
    ['an empty indefinite array', '9fff'],
    ['an indefinite map', 'bfff'],
    ['a byte string whose length is not minimal', '580101'],
    ['a text whose length is not minimal', '780161'],
    ['an array whose length is not minimal', '980101'],
    ['an empty byte string in two bytes', '5800'],
    ['an empty text in two bytes', '7800'],
    ['an empty array in two bytes', '9800'],
    ['reserved additional information', '1c'],
    ['a byte string of 4 GiB that ends at once', '5affffffff00'],
    ['a byte string of 2^53 bytes', '5b002000000000000000'],
    ['a text of 4 GiB that ends at once', '7affffffff00'],
    ['an array of 2^32 - 1 elements that ends at once', '9affffffff00'],
    ['an array of 2^64 - 1 elements', '9bffffffffffffffff00'],
    ['text that is cut within a character', '61c3'],
    ['a continuation byte alone', '6180'],
    ['an overlong slash', '62c0af'],
    ['an overlong null', '62c080'],
    ['a surrogate in UTF-8', '63eda080'],
    ['a code point above U+10FFFF', '64f4908080'],
    ['the byte FF as text', '61ff'],
    ['invalid UTF-8 after 32 valid characters', `7821${'61'.repeat(32)}ff`],
    ['an integer and one byte more', '0000'],
    ['an array that is one element short', '8401416164f5']
  ])('%s', (_, hostile) => {
    expectRefusedByAll(fromHex(hostile))
  })

  test.each([
    ['definite arrays', 0x81],
    ['indefinite arrays', 0x9f],
    ['tags', 0xc0],
    ['maps', 0xa1],
    ['indefinite byte strings', 0x5f]
  ])('100,000 nested %s', (_, head) => {
    expectRefusedByAll(new Uint8Array(100_000).fill(head))
  })

  test('bytes cut anywhere', () => {
    const shape = record({ a: list(text(9), 9), b: bytes(300), c: uint() })
    const encoded = encode(shape, { a: ['one', 'two'], b: new Uint8Array(300), c: 2 ** 40 })
    for (let length = 0; length < encoded.length; length++) {
      expect(decode(shape, encoded.subarray(0, length))).toBeUndefined()
    }
  })
})

describe('a declared length costs nothing before its bytes are there (known failure 5)', () => {
  test.each([
    ['byte string', bytes(2 ** 32), '5affffffff'],
    ['text', text(2 ** 32), '7affffffff'],
    ['list', list(uint(), 2 ** 32), '9affffffff']
  ])('%s', (_, shape: Shape<PlainValue>, head) => {
    const before = process.memoryUsage().rss
    for (let i = 0; i < 1_000; i++) expect(decode(shape, fromHex(head))).toBeUndefined()
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
  })
})

describe("bounds are the shape's", () => {
  test.each<[string, Shape<PlainValue>, Shape<PlainValue>, PlainValue]>([
    ['an integer', uint(9), uint(10), 10],
    ['a byte string that is too long', bytes(2), bytes(3), new Uint8Array(3)],
    ['a byte string that is too short', bytes(9, 4), bytes(9), new Uint8Array(3)],
    ['a text', text(2), text(3), 'abc'],
    ['a list', list(uint(), 2), list(uint(), 3), [1, 2, 3]],
    ['a record with a field more', record({ a: uint() }), record({ a: uint(), b: uint() }), { a: 1, b: 2 }],
    ['an optional of two', optional(uint()), list(uint(), 2), [1, 2]]
  ])('%s', (_, narrow, wide, value) => {
    const encoded = encode(wide, value)
    expect(decode(wide, encoded)).toEqual(value)
    expect(decode(narrow, encoded)).toBeUndefined()
  })
})

describe('text is taken as it is', () => {
  test.each([
    ['empty', ''],
    ['a byte order mark alone', '\uFEFF'],
    ['a byte order mark before text', '\uFEFFabc'],
    ['a byte order mark before much text', `\uFEFF${'a'.repeat(100)}`],
    ['a null', '\0'],
    ['a replacement character', '\uFFFD'],
    ['characters beyond the basic plane', '😀'.repeat(20)],
    ['not in normal form', 'e\u0301 \u00e9']
  ])('%s', (_, value) => {
    const encoded = encode(text(200), value)
    expect(decode(text(200), encoded)).toBe(value)
    expect(encoded.subarray(encoded.length - utf8(value).length)).toEqual(utf8(value))
  })
})

describe('decoded bytes are values of their own', () => {
  const shape = record({ head: bytes(9), tail: list(bytes(9), 2) })
  const value = { head: Uint8Array.of(1, 2), tail: [Uint8Array.of(3), new Uint8Array(0)] }
  const encoded = encode(shape, value)
  const padded = concatBytes(Uint8Array.of(9, 9, 9), encoded, Uint8Array.of(9))

  test.each([
    ['a Buffer', Buffer.from(encoded)],
    ['a view of a larger buffer', padded.subarray(3, padded.length - 1)],
    ['a Buffer that is a view of the pool', Buffer.from(padded).subarray(3, padded.length - 1)]
  ])('out of %s come plain copies', (_, received) => {
    const decoded = decode(shape, received)
    if (decoded === undefined) throw new Error('refused')
    for (const part of [decoded.head, ...decoded.tail]) {
      expect(Object.getPrototypeOf(part)).toBe(Uint8Array.prototype)
    }
    received.fill(0xee)
    expect(decoded).toEqual(value)
  })
})

test('what is refused makes no error, with a trace of the stack', () => {
  const hostile = [
    '',
    '20',
    '1800',
    '1b0020000000000000',
    '5f4101ff',
    '45aabb',
    '82',
    '63fffefd',
    'ff',
    'f6',
    '9bffffffff'
  ]
  let made = 0
  class Counted extends Error {
    constructor(message?: string) {
      super(message)
      made++
    }
  }
  vi.stubGlobal('Error', Counted)
  try {
    for (const each of hostile) expectRefusedByAll(fromHex(each.length % 2 === 0 ? each : `${each}0`))
    // The control: whoever makes one is seen.
    expect(() => {
      throw new Error('one')
    }).toThrow('one')
  } finally {
    vi.unstubAllGlobals()
  }
  expect(made).toBe(1)
})
