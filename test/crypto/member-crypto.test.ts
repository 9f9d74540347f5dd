/** What a MAC key is bound to: its two processes, and each bit of its context. By behaviour, with both backends. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { createGroup } from '../../src/core/group.ts'
import { memberCrypto } from '../../src/crypto/member-crypto.ts'
import { encodeHandshakeContext, encodeSessionContext } from '../../src/links/contexts.ts'
import { backends, counting } from './support.ts'

const seeds = [counting(32), counting(32, 50), counting(32, 100)]

describe.each(backends)('with the backend $name', (backend) => {
  const group = createGroup({
    id: counting(32),
    f: 0,
    publicKeys: seeds.map((seed) => backend.publicKey(seed))
  })
  const [alice, bob, eve] = seeds.map((seed) => memberCrypto(backend, group, seed))
  const message = utf8('message')

  const end = (rank: number) => ({ rank, nonce: counting(16, rank), incarnation: 1 })
  const terms = {
    path: 'links',
    group,
    fingerprint: counting(32),
    initiator: end(0),
    responder: end(1)
  }
  const contexts: readonly (readonly [string, Uint8Array])[] = [
    ['of the handshake', encodeHandshakeContext('links', 0, 1)],
    ['of a session', encodeSessionContext(terms, 0, 1)]
  ]

  test.each(contexts)('the context %s: who has the same accepts, at both ends', (_, context) => {
    expect(bob?.macKey(0, context).verify(message, alice!.macKey(1, context).tag(message))).toBe(true)
    expect(alice?.macKey(1, context).verify(message, bob!.macKey(0, context).tag(message))).toBe(true)
  })

  test.each(contexts)('the context %s: each bit of it matters, and where it ends', (_, context) => {
    const tag = alice!.macKey(1, context).tag(message)
    const accepts = (other: Uint8Array) => bob!.macKey(0, other).verify(message, tag)
    expect(accepts(context)).toBe(true)
    const accepted: number[] = []
    for (let bit = 0; bit < 8 * context.length; bit++) {
      const other = context.slice()
      other[bit >> 3]! ^= 1 << (bit & 7)
      if (accepts(other)) accepted.push(bit)
    }
    expect(accepted).toEqual([])
    for (let length = 0; length < context.length; length++)
      expect(accepts(context.subarray(0, length))).toBe(false)
    expect(accepts(Uint8Array.from([...context, 0]))).toBe(false)
  })

  test('two contexts do not accept what was made in the other, whatever they are', () => {
    const anyContext = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(anyContext, anyContext, (one, other) => {
        fc.pre(Buffer.compare(one, other) !== 0)
        const tag = alice!.macKey(1, one).tag(message)
        expect(bob!.macKey(0, one).verify(message, tag)).toBe(true)
        expect(bob!.macKey(0, other).verify(message, tag)).toBe(false)
      }),
      { numRuns: 100, seed: 1 }
    )
  })

  test('two pairs of processes do not accept what is between the others, in the same context', () => {
    const [, [, context]] = contexts as [unknown, (typeof contexts)[0]]
    const tag = alice!.macKey(1, context).tag(message)
    for (const [self, peer] of [
      [eve, 0],
      [eve, 1],
      [alice, 2],
      [bob, 2]
    ] as const)
      expect(self?.macKey(peer, context).verify(message, tag)).toBe(false)
  })
})
