/** Bytes that an adversary chose, as what registers send: none throws, and what is accepted has one encoding. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import type { Codec } from './fixture.ts'
import { registerMessages, values } from './register-specifications.ts'

/** A valid encoding of each message, and of each other thing that is decoded. */
const samples = [...registerMessages.entries, ...values.entries]
  .filter(({ codec }) => codec.decode !== undefined)
  .map(({ name, value, codec }) => ({ name, codec, encoded: codec.encode(value as never) }))

/** @returns whether they are accepted */
function expectCanonical({ encode, decode }: Codec, hostile: Uint8Array): boolean {
  const read = decode?.(hostile)
  if (read !== undefined) expect(toHex(encode(read as never))).toBe(toHex(hostile))
  return read !== undefined
}

const mutation = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 3 }),
  insert: fc.uint8Array({ maxLength: 3 })
})
const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 })

it.each(samples)('$name: mutated, it is accepted only as what it encodes', ({ codec, encoded }) => {
  fc.assert(
    fc.property(mutations, (changes) => {
      let hostile = encoded
      for (const { at, remove, insert } of changes) {
        const start = at % (hostile.length + 1)
        hostile = Uint8Array.from([
          ...hostile.subarray(0, start),
          ...insert,
          ...hostile.subarray(start + remove)
        ])
      }
      expectCanonical(codec, hostile)
    }),
    { numRuns: 300 }
  )
})

it.each(samples)('$name: no part of it is one, nor is it with more behind it', ({ codec, encoded }) => {
  for (let length = 0; length < encoded.length; length++)
    expect(codec.decode?.(encoded.subarray(0, length))).toBeUndefined()
  expect(codec.decode?.(Uint8Array.of(...encoded, 0))).toBeUndefined()
})

it('a part of one message in place of a part of another: accepted only as what it encodes', () => {
  const sample = fc.constantFrom(...samples)
  let accepted = 0
  fc.assert(
    fc.property(sample, sample, fc.nat(), fc.nat(), ({ codec, encoded }, other, cut, otherCut) => {
      const head = encoded.subarray(0, cut % (encoded.length + 1))
      const tail = other.encoded.subarray(otherCut % (other.encoded.length + 1))
      if (expectCanonical(codec, Uint8Array.of(...head, ...tail))) accepted++
    }),
    { numRuns: 10_000 }
  )
  expect(accepted).toBeGreaterThan(0)
})
