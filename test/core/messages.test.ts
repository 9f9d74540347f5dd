/** Messages: a declaration gives an encoder, a strict decoder and a type. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AssertionError } from '../../src/core/assert.ts'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import { defineMessages, type MessageOf } from '../../src/core/messages.ts'
import { bool, bytes, digest, type Fields, list, optional, text, uint } from '../../src/core/shapes.ts'

const messages = defineMessages({
  SEND: [0, { sequence: uint(), payload: bytes(100), signature: optional(bytes(64)) }],
  ECHO: [1, { sender: uint(255), sequence: uint(), digest }],
  HELLO: [2, { name: text(20), known: list(uint(), 5), again: bool }],
  STOP: [23, {}]
})
type Message = MessageOf<typeof messages>

const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength })

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant<'SEND'>('SEND'),
    sequence: fc.maxSafeNat(),
    payload: bytesUpTo(100),
    signature: fc.option(bytesUpTo(64))
  }),
  fc.record({
    type: fc.constant<'ECHO'>('ECHO'),
    sender: fc.nat({ max: 255 }),
    sequence: fc.maxSafeNat(),
    digest: fc.uint8Array({ minLength: 32, maxLength: 32 })
  }),
  fc.record({
    type: fc.constant<'HELLO'>('HELLO'),
    name: fc.string({ unit: 'grapheme', maxLength: 5 }).filter((name) => name.length <= 20),
    known: fc.array(fc.maxSafeNat(), { maxLength: 5 }),
    again: fc.boolean()
  }),
  fc.constant<Message>({ type: 'STOP' })
)

test('every message comes back as it was', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(messages.decode(messages.encode(message))).toEqual(message)
    })
  )
})

test('on the wire a message is an array headed by its code, then its fields in the order of declaration', () => {
  const hello: Message = { type: 'HELLO', again: true, known: [1, 500], name: 'é' }
  expect(toHex(messages.encode(hello))).toBe('84' + '02' + '62c3a9' + '82' + '01' + '1901f4' + 'f5')
  expect(toHex(messages.encode({ type: 'STOP' }))).toBe('8117')
})

test('two messages have two encodings', () => {
  fc.assert(
    fc.property(anyMessage, anyMessage, (a, b) => {
      const same = toHex(messages.encode(a)) === toHex(messages.encode(b))
      if (same) expect(a).toEqual(b)
    })
  )
})

test('random and mutated bytes never throw, and are accepted only as what they encode', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.tuple(anyMessage, fc.nat(), fc.nat({ max: 255 })).map(([message, at, byte]) => {
      const encoded = messages.encode(message)
      encoded[at % encoded.length] = byte
      return encoded
    })
  )
  fc.assert(
    fc.property(hostile, (encoded) => {
      const message = messages.decode(encoded)
      if (message !== undefined) expect(toHex(messages.encode(message))).toBe(toHex(encoded))
    }),
    { numRuns: 5_000 }
  )
})

test.each([
  ['nothing', ''],
  ['an array head alone', '81'],
  ['a code that nobody declared', '8103'],
  ['a declared code in two bytes', '811817'],
  ['a field too few', '8201f5'],
  ['a field too many', '821700'],
  ['no array', '17'],
  ['an indefinite array', '9f17ff'],
  ['an array whose length takes two bytes', '980117'],
  ['something behind it', '811700']
])('%s is no message', (_, encoded) => {
  expect(messages.decode(fromHex(encoded))).toBeUndefined()
})

test('the declaration is kept for docs and fabrication', () => {
  expect(messages.declared.map(({ type, code }) => [type, code])).toEqual([
    ['SEND', 0],
    ['ECHO', 1],
    ['HELLO', 2],
    ['STOP', 23]
  ])
  expect(messages.declared[3]?.shape).toEqual({
    kind: 'record',
    fields: [['code', { kind: 'uint', max: Number.MAX_SAFE_INTEGER }]]
  })
})

describe('a declaration is refused', () => {
  const fields = (count: number): Fields =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`field${i}`, bool]))

  test('with one code for two messages', () => {
    expect(() => defineMessages({ A: [1, {}], B: [1, {}] })).toThrow(AssertionError)
  })

  test.each([-1, 0.5, 24, Number.NaN])('with the code %s, which is not one byte', (code) => {
    expect(() => defineMessages({ A: [code, {}] })).toThrow(AssertionError)
  })

  test.each(['type', 'code'])('with a field called %s, which would hide the message’s own', (name) => {
    expect(() => defineMessages({ A: [0, { [name]: uint() }] })).toThrow(AssertionError)
  })

  test('with more fields than the one-byte head of an array counts', () => {
    expect(() => defineMessages({ A: [0, fields(22)] })).not.toThrow()
    expect(() => defineMessages({ A: [0, fields(23)] })).toThrow(AssertionError)
  })
})
