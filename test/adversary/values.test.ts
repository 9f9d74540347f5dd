/** What is made up from declared shapes is of these shapes: whoever fabricates must never trip over its own words. */
import { describe, expect, it } from 'vitest'
import { flipBit, oneIn, pick, shuffled } from '../../src/adversary/draw.ts'
import {
  fabricateMessage,
  mutateMessage,
  otherContent,
  type Source,
  voteAs
} from '../../src/adversary/values.ts'
import { formatsOf, Wire } from '../../src/adversary/wire.ts'
import { defineMessages, type Message } from '../../src/core/messages.ts'
import {
  bool,
  bytes,
  digest,
  list,
  optional,
  rank,
  record,
  signature,
  text,
  uint
} from '../../src/core/shapes.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { testGroup } from '../architecture/declared.ts'

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
const wire = new Wire([{ path: 'test', messages }], testGroup)

function sourceOf(seed: number): Source {
  const random = new SeededRandom(seed, 'values')
  return {
    random,
    uint: (_leaf, max) => pick([0, max, Math.min(max, random.below(7))], random),
    bytes: (_leaf, min, max) => random.bytes(min + random.below(max - min + 1)),
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

describe('votes', () => {
  const instance = { of: 'sender', numbers: ['view', 'sequence'] } as const
  const names = { sender: rank, view: uint(), sequence: uint() }
  const votes = defineMessages(
    {
      PREPARE: [0, { ...names, digest }],
      COMMIT: [1, { v: uint(), k: uint(), leader: rank, prepared: digest, proof: optional(signature) }],
      SIGNED: [2, { ...names, digest, signature }],
      ABORT: [3, { ...names, digest: bytes(4) }],
      ASK: [4, { ...names, digest }]
    },
    {
      PREPARE: { role: 'vote', instance, content: 'digest' },
      COMMIT: { role: 'vote', instance: { of: 'leader', numbers: ['v', 'k'] }, content: 'prepared' },
      SIGNED: { role: 'vote', instance, content: 'digest' },
      ABORT: { role: 'vote', instance, content: 'digest' },
      ASK: { role: 'request', instance, content: 'digest' }
    }
  )
  const formats = formatsOf([{ path: 'votes', messages: votes }])
  const hash = new Uint8Array(32).fill(7)
  const message = { type: 'PREPARE', sender: 1, view: 2, sequence: 3, digest: hash }

  it('are cast in every kind for what was heard, whatever its fields are called', () => {
    const [heardAs] = formats
    if (heardAs === undefined) throw new Error('no format')
    expect(formats.map((format) => voteAs(format, { port: 0, message }, heardAs)?.message)).toEqual([
      message,
      { type: 'COMMIT', v: 2, k: 3, leader: 1, prepared: hash, proof: null },
      undefined, // it takes a signature
      undefined, // its content is of another shape
      undefined // it is no vote
    ])
    const elsewhere = { port: 1, message }
    expect(formats.map((format) => voteAs(format, elsewhere, heardAs))).toEqual(formats.map(() => undefined))
  })

  it('are changed to be for another content, and nothing else in them is', () => {
    const values = defineMessages(
      {
        A: [0, { a: digest }],
        B: [1, { a: bytes(4), b: uint() }],
        C: [2, { a: uint(1) }],
        D: [3, { a: bool }]
      },
      {
        A: { role: 'vote', content: 'a' },
        B: { role: 'vote', content: 'a' },
        C: { role: 'vote', content: 'a' },
        D: { role: 'vote' }
      }
    )
    const crypto = symbolicCrypto(testGroup, 0, defaultBackend.sha256)(0)
    const changed = (type: string, fields: Omit<Message, 'type'>) => {
      const format = formatsOf([{ path: 'votes', messages: values }]).find((other) => other.type === type)
      if (format === undefined) throw new Error('no format')
      return otherContent({ ...fields, type }, format, crypto)
    }
    expect(changed('A', { a: hash })).toEqual({ type: 'A', a: crypto.hash(hash) })
    expect(changed('B', { a: Uint8Array.of(5, 6), b: 1 })).toEqual({
      type: 'B',
      a: Uint8Array.of(5, 7),
      b: 1
    })
    expect(changed('C', { a: 0 })).toEqual({ type: 'C', a: 1 })
    expect(changed('C', { a: 1 })).toEqual({ type: 'C', a: 0 })
    expect(changed('D', { a: true })).toEqual({ type: 'D', a: true })
  })
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
