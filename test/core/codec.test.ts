/** The codec of the core against cborg, and what hostile bytes cost. */
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { defineMessages } from '../../src/core/messages.ts'
import { bytes, decode, encode, list, text, uint } from '../../src/core/shapes.ts'
import { codecsAgree } from './codec-agreement.ts'

test('it writes the bytes that cborg writes, and accepts what cborg accepts, read strictly: 100,000 times', () => {
  const { values, hostile, accepted } = codecsAgree(100_000, 1)
  expect(values).toBeGreaterThanOrEqual(20_000)
  expect(hostile).toBeGreaterThanOrEqual(80_000)
  // Not all that is mutated is wrong, and not all of it is right.
  expect(accepted).toBeGreaterThan(hostile / 100)
  expect(accepted).toBeLessThan(hostile / 2)
})

describe('text', () => {
  const utf8 = (...units: number[]) => Uint8Array.of(0x60 + units.length, ...units)

  it.each([
    ['a continuation byte alone', utf8(0x80)],
    ['a first byte alone', utf8(0xc3)],
    ['two first bytes', utf8(0xc3, 0xc3)],
    ['an overlong slash', utf8(0xc0, 0xaf)],
    ['a surrogate', utf8(0xed, 0xa0, 0x80)],
    ['beyond the last code point', utf8(0xf4, 0x90, 0x80, 0x80)],
    ['malformed after much that is well-formed', Uint8Array.of(0x78, 41, ...new Array(40).fill(0x61), 0xff)]
  ])('%s is no text', (_, encoded) => {
    expect(decode(text(100), encoded)).toBeUndefined()
  })

  it.each(['', 'a', 'é', '€', '😀', '\uFEFF', '\uFFFD', 'é'.repeat(40), 'a'.repeat(33)])(
    '%j comes back',
    (value) => {
      expect(decode(text(100), encode(text(100), value))).toBe(value)
    }
  )
})

describe('hostile bytes', () => {
  const messages = defineMessages({
    SAY: [0, { words: list(text(8), 1000), number: uint(), body: bytes(64) }]
  })

  it.each([
    ['nothing', []],
    ['a code and nothing else', [0x80, 0x00]],
    ['a long list with nothing in it', [0x84, 0x00, 0x19, 0x03, 0xe8]],
    ['invalid text', [0x84, 0x00, 0x81, 0x61, 0xff, 0x00, 0x40]],
    ['a length of 2^53', [0x84, 0x00, 0x80, 0x00, 0x5b, 0x00, 0x20, 0, 0, 0, 0, 0, 0]]
  ])('%s: no message', (_, encoded) => {
    expect(messages.decode(Uint8Array.from(encoded))).toBeUndefined()
  })

  it('nothing is thrown on the way: an error with its stack costs more than to read the bytes', () => {
    for (const file of ['cbor', 'shapes', 'messages']) {
      const source = readFileSync(new URL(`../../src/core/${file}.ts`, import.meta.url), 'utf8')
      expect(source).not.toMatch(/\b(?:throw|try|catch) /)
    }
  })

  it('the values of a list have bytes of their own, however large what they came in was', () => {
    const shape = list(bytes(8), 10)
    const encoded = encode(shape, [Uint8Array.of(1, 2), Uint8Array.of(3)])
    const carrier = new Uint8Array(1000)
    carrier.set(encoded, 500)
    for (const view of [carrier, Buffer.from(carrier.buffer)]) {
      const value = decode(shape, view.subarray(500, 500 + encoded.length)) as readonly Uint8Array[]
      expect(value.map(({ buffer }) => buffer.byteLength)).toEqual([2, 1])
    }
  })
})
