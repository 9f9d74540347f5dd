/** What a signature of a value is about: nothing of it can be taken for something else. */
import { describe, expect, it } from 'vitest'
import type { Environment } from '../../src/core/environment.ts'
import { createGroup } from '../../src/core/group.ts'
import { encodeReference } from '../../src/exchange/body.ts'
import { VERDICTS_KEPT_MAX } from '../../src/exchange/constants.ts'
import { type RegisterId, sharedBy, soleWriter } from '../../src/registers/register.ts'
import {
  CONTENT,
  compareSigned,
  highest,
  type SignedValue,
  ValueSigner
} from '../../src/registers/signed-value.ts'
import { RegisterGroup, text } from './group.ts'

const group = new RegisterGroup()
const [writer, other] = [group.client(0), group.client(1)]
const { env } = group.node(writer)
const signerOf = (of: Environment, path = 'registers', options = {}) => new ValueSigner(of, path, options)
const register = soleWriter(group.publicKey(writer), 'register')
const unsigned = { timestamp: 3, writer: 0, content: 0, value: text('value') }
const signed = signerOf(env).sign(register, unsigned)

it('a value that its writer signed is valid for everybody', () => {
  for (const process of [writer, other, 0])
    expect(signerOf(group.node(process).env).verify(register, signed)).toBe(true)
})

describe('a signature is for nothing but', () => {
  const change = (of: Partial<SignedValue>): SignedValue => ({ ...signed, ...of })
  const elsewhere = (id: Uint8Array): Environment => ({
    ...env,
    group: createGroup({ ...group.group, id })
  })
  it.each<[string, ValueSigner, RegisterId, SignedValue]>([
    ['its timestamp', signerOf(env), register, change({ timestamp: 4 })],
    ['its value', signerOf(env), register, change({ value: text('other') })],
    ['what it says the bytes are', signerOf(env), register, change({ content: 2 })],
    ['the name of its register', signerOf(env), { ...register, name: 'other' }, signed],
    [
      'the writers of its register',
      signerOf(env),
      sharedBy([group.publicKey(writer), group.publicKey(other)], 'register'),
      change({
        writer: signerOf(env).ownIndex(
          sharedBy([group.publicKey(writer), group.publicKey(other)], 'register')
        ) as number
      })
    ],
    ['its writer', signerOf(env), soleWriter(group.publicKey(other), 'register'), signed],
    ['its abstraction', signerOf(env, 'elsewhere'), register, signed],
    ['its group', signerOf(elsewhere(new Uint8Array(32).fill(1))), register, signed]
  ])('%s', (_, signer, named, value) => {
    expect(signer.verify(named, value)).toBe(false)
  })
})

describe('a value that is signed as one kind is none of another, of the same bytes', () => {
  const reference = encodeReference({ size: 100_000, root: new Uint8Array(32).fill(7) })
  const kinds = Object.entries(CONTENT).flatMap(([signedAs, content]) =>
    Object.entries(CONTENT).map(([shownAs, shown]) => ({ signedAs, content, shownAs, shown }))
  )
  it.each(kinds)('signed as $signedAs, shown as $shownAs', ({ content, shown }) => {
    // A tombstone says nothing, a body is a reference to it, and a value is either.
    const possible = [new Uint8Array(0), reference].filter((value) =>
      [content, shown].every((kind) =>
        kind === CONTENT.value ? true : (value.length === 0) === (kind === CONTENT.tombstone)
      )
    )
    for (const value of possible) {
      const made = signerOf(env).sign(register, { ...unsigned, content, value })
      for (const process of [writer, other, 0]) {
        const signer = signerOf(group.node(process).env)
        const isOne = content === shown
        expect(signer.verify(register, { ...made, content: shown })).toBe(isOne)
        expect(signer.verifyHeader(register, { ...signer.headerOf(made), content: shown })).toBe(isOne)
      }
    }
  })
})

it.each<[string, Partial<SignedValue>]>([
  ['timestamp 0', { timestamp: 0 }],
  ['a tombstone that says something', { content: 1 }],
  ['more bytes than members keep', { value: text('longer than eight') }]
])('%s is invalid, whoever signs it', (_, change) => {
  const signer = signerOf(env, 'registers', { valueBytesMax: 8 })
  expect(signer.verify(register, signer.sign(register, unsigned))).toBe(true)
  expect(signer.verify(register, signer.sign(register, { ...unsigned, ...change }))).toBe(false)
  expect(signer.verifications).toBe(1)
})

it('a verdict is remembered, good or bad, up to a bound; the oldest are forgotten first', () => {
  const signer = signerOf(env)
  const bad = (mark: number): SignedValue => {
    const signature = new Uint8Array(64)
    new DataView(signature.buffer).setUint32(0, mark)
    return { ...signed, signature }
  }
  for (let mark = 0; mark <= VERDICTS_KEPT_MAX; mark++) expect(signer.verify(register, bad(mark))).toBe(false)
  expect(signer.verifications).toBe(VERDICTS_KEPT_MAX + 1)
  for (let mark = 1; mark <= VERDICTS_KEPT_MAX; mark++) signer.verify(register, bad(mark))
  expect(signer.verifications).toBe(VERDICTS_KEPT_MAX + 1)
  signer.verify(register, bad(0))
  expect(signer.verifications).toBe(VERDICTS_KEPT_MAX + 2)
})

it('values are ordered by timestamp, then writer, then what was written; the initial value is the lowest', () => {
  const ascending: (SignedValue | null)[] = [
    null,
    { ...signed, timestamp: 1, writer: 5, content: 2, value: text('z') },
    { ...signed, timestamp: 2, writer: 0, content: 1, value: text('') },
    { ...signed, timestamp: 2, writer: 1, content: 0, value: text('a') },
    { ...signed, timestamp: 2, writer: 1, content: 0, value: text('aa') },
    { ...signed, timestamp: 2, writer: 1, content: 0, value: text('b') },
    { ...signed, timestamp: 2, writer: 1, content: 2, value: text('a') },
    { ...signed, timestamp: 10, writer: 0, content: 0, value: text('') }
  ]
  ascending.forEach((a, i) => {
    ascending.forEach((b, j) => {
      expect(Math.sign(compareSigned(a, b)) + 0, `${i}, ${j}`).toBe(Math.sign(i - j))
    })
    expect(highest(ascending.slice(0, i + 1).reverse())).toBe(a)
  })
})
