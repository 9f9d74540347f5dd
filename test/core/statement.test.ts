/** Statements: a signature over one says nothing else, anywhere else. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { createGroup, type ProcessId } from '../../src/core/group.ts'
import { bytes, list, optional, text, uint } from '../../src/core/shapes.ts'
import { defineStatement, signStatement, verifyStatement } from '../../src/core/statement.ts'
import { testCrypto } from '../links/test-crypto.ts'
import { fourMembers, testEnvironment } from './environment.ts'

const fields = { sequence: uint(), payload: bytes(50), note: optional(text(20)), votes: list(uint(), 5) }

interface Said {
  readonly id: Uint8Array
  readonly epoch: number
  readonly path: string
  readonly name: string
  readonly signer: ProcessId
  readonly fields: {
    readonly sequence: number
    readonly payload: Uint8Array
    readonly note: string | null
    readonly votes: readonly number[]
  }
}

const { publicKeys, f } = fourMembers

function bytesOf({ id, epoch, path, name, signer, fields: values }: Said): string {
  const group = createGroup({ id, epoch, f, publicKeys })
  return toHex(defineStatement(name, fields).bytes(group, path, signer, values))
}

// Few values of each, so that two random statements often differ in one place only; and texts that, put end to end,
// would run into each other.
const words = fc.constantFrom('', 'a', 'ab', 'b', 'a/b', '/', '\uFEFF', '\0')
const numbers = fc.constantFrom(0, 1, 23, 24, 256, Number.MAX_SAFE_INTEGER)
const anythingSaid: fc.Arbitrary<Said> = fc.record({
  id: fc.constantFrom(0, 1).map((byte) => new Uint8Array(32).fill(byte)),
  epoch: numbers,
  path: words,
  name: words,
  signer: numbers,
  fields: fc.record({
    sequence: numbers,
    payload: fc.uint8Array({ maxLength: 2, max: 1 }),
    note: fc.option(words),
    votes: fc.array(numbers, { maxLength: 2 })
  })
})

test('the encoding is injective: equal bytes say equal things (known failure 6)', () => {
  fc.assert(
    fc.property(anythingSaid, anythingSaid, (a, b) => {
      expect(bytesOf(a) === bytesOf(b)).toBe(fc.stringify(a) === fc.stringify(b))
    }),
    { numRuns: 2_000 }
  )
})

describe('bound is', () => {
  const said: Said = {
    id: new Uint8Array(32).fill(7),
    epoch: 3,
    path: 'channel/double-echo',
    name: 'echo',
    signer: 1,
    fields: { sequence: 5, payload: Uint8Array.of(1, 2), note: null, votes: [1, 2] }
  }
  const otherId = new Uint8Array(32).fill(7)
  otherId[31] = 8

  test.each<[string, Said]>([
    ['the group', { ...said, id: otherId }],
    ['the epoch', { ...said, epoch: 4 }],
    ['the path', { ...said, path: 'channel/double-echo/' }],
    ['the name', { ...said, name: 'ready' }],
    ['the signer', { ...said, signer: 2 }],
    ['an integer field', { ...said, fields: { ...said.fields, sequence: 6 } }],
    ['a bytes field', { ...said, fields: { ...said.fields, payload: Uint8Array.of(1, 3) } }],
    ['an optional field', { ...said, fields: { ...said.fields, note: '' } }],
    ['a list field', { ...said, fields: { ...said.fields, votes: [1, 2, 0] } }],
    ['where the path ends and the name begins', { ...said, path: 'channel/double-ech', name: 'oecho' }]
  ])('%s', (_, other) => {
    expect(bytesOf(other)).not.toBe(bytesOf(said))
  })

  test('the number of fields, across two types of one name', () => {
    const one = defineStatement('vote', { view: uint() })
    const two = defineStatement('vote', { view: uint(), sequence: uint() })
    expect(toHex(one.bytes(fourMembers, 'p', 0, { view: 1 }))).not.toBe(
      toHex(two.bytes(fourMembers, 'p', 0, { view: 1, sequence: 1 }))
    )
  })

  test('the domain: the bytes are an array of seven that begins with it', () => {
    const domain = new TextEncoder().encode('byzkit/statement/1')
    expect(bytesOf(said)).toMatch(new RegExp(`^87${(0x60 + domain.length).toString(16)}${toHex(domain)}`))
  })
})

test('a signature verifies for the one statement that was signed, by the one who signed (known failures 2 and 3)', () => {
  const env = { ...testEnvironment({ self: 2 }).env, crypto: testCrypto(2) }
  const vote = defineStatement('vote', { sequence: uint() })
  const other = defineStatement('other', { sequence: uint() })
  const signature = signStatement(env, 'path', vote, { sequence: 1 })
  expect(verifyStatement(env, 'path', 2, vote, { sequence: 1 }, signature)).toBe(true)
  expect(verifyStatement(env, 'path', 2, vote, { sequence: 2 }, signature)).toBe(false)
  expect(verifyStatement(env, 'path', 1, vote, { sequence: 1 }, signature)).toBe(false)
  expect(verifyStatement(env, 'htap', 2, vote, { sequence: 1 }, signature)).toBe(false)
  expect(verifyStatement(env, 'path', 2, other, { sequence: 1 }, signature)).toBe(false)
  const elsewhere = { ...env, group: createGroup({ id: fourMembers.id, epoch: 1, f, publicKeys }) }
  expect(verifyStatement(elsewhere, 'path', 2, vote, { sequence: 1 }, signature)).toBe(false)
})
