/** Shapes: what is encoded comes back, and the decoder accepts exactly the encoder's image. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AssertionError } from '../../src/core/assert.ts'
import { sameBytes, toHex } from '../../src/core/bytes.ts'
import {
  bool,
  bytes,
  DEPTH_MAX,
  decode,
  encode,
  fixedBytes,
  list,
  optional,
  record,
  type Shape,
  text,
  uint
} from '../../src/core/shapes.ts'
import type { PlainValue } from '../../src/core/trace.ts'
import { shapeAndValue } from './arbitrary-shapes.ts'

/** If these bytes are accepted at all, they are the one encoding of what they say. */
function expectCanonical(shape: Shape<PlainValue>, encoded: Uint8Array): void {
  const value = decode(shape, encoded)
  const again = value === undefined ? encoded : encode(shape, value)
  // Half a million strings are tried: only what is wrong is worth an assertion.
  if (!sameBytes(again, encoded)) expect(toHex(again)).toBe(toHex(encoded))
}

describe('over random shapes', () => {
  test('every value comes back as it was', () => {
    fc.assert(
      fc.property(shapeAndValue, ({ shape, value }) => {
        expect(decode(shape, encode(shape, value))).toEqual(value)
      }),
      { numRuns: 1_000 }
    )
  })

  test('random bytes: accepted implies that they re-encode to themselves', () => {
    fc.assert(
      fc.property(shapeAndValue, fc.uint8Array({ maxLength: 40 }), ({ shape }, hostile) => {
        expectCanonical(shape, hostile)
      }),
      { numRuns: 5_000 }
    )
  })

  test('mutated encodings: accepted implies that they re-encode to themselves', () => {
    const mutation = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 })
    })
    fc.assert(
      fc.property(shapeAndValue, fc.array(mutation, { minLength: 1, maxLength: 3 }), (given, mutations) => {
        let encoded = encode(given.shape, given.value)
        for (const { at, remove, insert } of mutations) {
          const start = at % (encoded.length + 1)
          encoded = Uint8Array.from([
            ...encoded.subarray(0, start),
            ...insert,
            ...encoded.subarray(start + remove)
          ])
        }
        expectCanonical(given.shape, encoded)
      }),
      { numRuns: 5_000 }
    )
  })

  test('no proper prefix and no extension of an encoding is accepted', () => {
    fc.assert(
      fc.property(
        shapeAndValue,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        ({ shape, value }, cut, more) => {
          const encoded = encode(shape, value)
          expect(decode(shape, encoded.subarray(0, cut % encoded.length))).toBeUndefined()
          expect(decode(shape, Uint8Array.from([...encoded, more]))).toBeUndefined()
        }
      )
    )
  })

  test('two values of a shape have two encodings', () => {
    const pair = shapeAndValue.chain(({ shape, value }) =>
      fc.record({
        shape: fc.constant(shape),
        value: fc.constant(value),
        byte: fc.nat(),
        bit: fc.nat({ max: 7 })
      })
    )
    fc.assert(
      fc.property(pair, ({ shape, value, byte, bit }) => {
        // The other value is found by changing one bit of the encoding, where that gives a value at all.
        const encoded = encode(shape, value)
        encoded[byte % encoded.length]! ^= 1 << bit
        const other = decode(shape, encoded)
        if (other !== undefined) expect(other).not.toEqual(value)
      }),
      { numRuns: 2_000 }
    )
  })
})

test('every string of one or two bytes: accepted implies that it re-encodes to itself', () => {
  const all = [uint(), bytes(8), text(8), bool, optional(bool), list(uint(), 8), record({ a: uint() })]
  for (const shape of all) {
    for (let first = 0; first < 256; first++) {
      expectCanonical(shape, Uint8Array.of(first))
      for (let second = 0; second < 256; second++) expectCanonical(shape, Uint8Array.of(first, second))
    }
  }
})

describe('nesting', () => {
  const nest = (levels: number) => {
    let shape: Shape<PlainValue> = bool
    for (let level = 0; level < levels; level++) shape = list(shape, 1)
    return shape
  }

  test(`a shape nests at most ${DEPTH_MAX} deep`, () => {
    const deepest = nest(DEPTH_MAX)
    let value: PlainValue = true
    for (let level = 0; level < DEPTH_MAX; level++) value = [value]
    expect(decode(deepest, encode(deepest, value))).toEqual(value)
    expect(() => list(deepest, 1)).toThrow(AssertionError)
    expect(() => optional(deepest)).toThrow(AssertionError)
    expect(() => record({ shallow: bool, deep: deepest })).toThrow(AssertionError)
  })
})

test('an optional of an optional does not exist: null would have two encodings', () => {
  expect(() => optional(optional(bool))).toThrow(AssertionError)
  expect(() => optional(list(optional(bool), 1))).not.toThrow()
})

describe('what is not of the shape is our bug', () => {
  test.each<[string, () => Uint8Array]>([
    ['an integer above the maximum', () => encode(uint(9), 10)],
    ['an integer above 2^53', () => encode(uint(), 2 ** 53)],
    ['a negative integer', () => encode(uint(), -1)],
    ['minus zero', () => encode(uint(), -0)],
    ['a fraction', () => encode(uint(), 0.5)],
    ['not a number', () => encode(uint(), Number.NaN)],
    ['too many bytes', () => encode(bytes(2), new Uint8Array(3))],
    ['too few bytes', () => encode(fixedBytes(2), new Uint8Array(1))],
    ['too much text', () => encode(text(2), 'abc')],
    ['a lone surrogate', () => encode(text(2), '\uD800')],
    ['surrogates in the wrong order', () => encode(text(2), '\uDC00\uD800')],
    ['too many elements', () => encode(list(bool, 1), [true, true])]
  ])('%s', (_, encodeIt) => {
    expect(encodeIt).toThrow(AssertionError)
  })
})
