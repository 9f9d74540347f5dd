/** What is made up from declared shapes is of these shapes: whoever fabricates must never trip over its own words. */
import { expect, it } from 'vitest'
import { flipBit, oneIn, pick, shuffled } from '../../src/adversary/draw.ts'
import { fabricateMessage, mutateMessage, type Source } from '../../src/adversary/values.ts'
import { isVote, Wire } from '../../src/adversary/wire.ts'
import { defineMessages } from '../../src/core/messages.ts'
import { bool, bytes, digest, list, optional, record, signature, text, uint } from '../../src/core/shapes.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'

const messages = defineMessages({
  VOTE: [0, { sender: uint(6), sequence: uint(), digest }],
  ALL: [
    1,
    {
      number: uint(1),
      flag: bool,
      name: text(3),
      payload: bytes(5),
      maybe: optional(signature),
      certificate: list(record({ signer: uint(), signature }), 4)
    }
  ],
  NOTHING: [2, {}]
})
const wire = new Wire([{ path: 'test', messages }])

function sourceOf(seed: number): Source {
  const random = new SeededRandom(seed, 'values')
  return {
    random,
    uint: (_field, max) => pick([0, max, Math.min(max, random.below(7))], random),
    bytes: (_field, min, max) => random.bytes(min + random.below(max - min + 1)),
    length: (_field, max) => random.below(max + 1)
  }
}

it('fabricates every declared message, and mutates it, within its shape', () => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 500; seed++) {
    const source = sourceOf(seed)
    const format = pick(wire.formats, source.random)
    const fabricated = fabricateMessage(format, source)
    const encoded = wire.write(fabricated)
    expect(wire.read(encoded)).toEqual(fabricated)
    const message = mutateMessage(fabricated.message, format, source)
    const mutated = { port: 0, message }
    expect(wire.read(wire.write(mutated))).toEqual(mutated)
    seen.add(message.type)
  }
  expect([...seen].sort()).toEqual(['ALL', 'NOTHING', 'VOTE'])
})

it('knows votes by their fields', () => {
  expect(wire.formats.filter(isVote).map(({ type }) => type)).toEqual(['VOTE'])
})

it('reads nothing where nothing was written', () => {
  expect(wire.read(new Uint8Array(0))).toBeUndefined()
  expect(wire.read(Uint8Array.of(1, 0x81, 2))).toBeUndefined()
  expect(wire.read(Uint8Array.of(0, 0xff))).toBeUndefined()
})

it('flips exactly one bit', () => {
  const random = new SeededRandom(1, 'flip')
  const before = Uint8Array.of(0, 0xff, 0x55)
  for (let i = 0; i < 50; i++) {
    const after = flipBit(before, random)
    const changed = [...after].map((byte, index) => byte ^ (before[index] ?? 0)).filter((bits) => bits !== 0)
    expect(changed).toHaveLength(1)
    expect(Math.log2(changed[0] ?? 0) % 1).toBe(0)
  }
  expect(flipBit(new Uint8Array(0), random)).toHaveLength(1)
})

it('draws fairly enough', () => {
  const random = new SeededRandom(1, 'draw')
  expect(shuffled([1, 2, 3, 4], random).sort()).toEqual([1, 2, 3, 4])
  const heads = Array.from({ length: 1000 }, () => oneIn(2, random)).filter(Boolean).length
  expect(heads).toBeGreaterThan(400)
  expect(heads).toBeLessThan(600)
})
