import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src/core/bytes.ts'
import { Edwards, equationHolds, type Forgery, keyPair, L, sign, torsion } from './forge.ts'
import { backends, counting, expectVerdict } from './support.ts'

const [native, portable] = [backends[0]!, backends[1]!]

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })
const message = fc.uint8Array({ maxLength: 300 })
const scalar = fc.bigInt({ min: 1n, max: L - 1n })
const torsionIndex = fc.integer({ min: 0, max: 7 })

/** One way to spoil a signed message, from the outside. */
type Mutation = (signed: Forgery) => Forgery

function flipBit(value: Uint8Array, position: number): Uint8Array {
  const flipped = Uint8Array.from(value)
  const at = position % (8 * flipped.length)
  flipped[at >> 3]! ^= 1 << (at & 7)
  return flipped
}

const position = fc.nat({ max: 511 })
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  position.map(
    (at): Mutation =>
      (s) => ({ ...s, publicKey: flipBit(s.publicKey, at) })
  ),
  position.map(
    (at): Mutation =>
      (s) => ({ ...s, signature: flipBit(s.signature, at) })
  ),
  position.map(
    (at): Mutation =>
      (s) => ({ ...s, message: flipBit(concatBytes(s.message, counting(1)), at) })
  ),
  fc.integer({ min: 1, max: 15 }).map(
    (times): Mutation =>
      (s) => ({ ...s, signature: addToS(s.signature, BigInt(times) * L) })
  ),
  fc.nat({ max: 100 }).map(
    (length): Mutation =>
      (s) => ({ ...s, signature: concatBytes(s.signature, s.signature).subarray(0, length) })
  ),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map(
    (other): Mutation =>
      (s) => ({ ...s, publicKey: other })
  ),
  fc.uint8Array({ minLength: 64, maxLength: 64 }).map(
    (other): Mutation =>
      (s) => ({ ...s, signature: other })
  ),
  fc.constant<Mutation>((s) => ({
    ...s,
    signature: concatBytes(s.signature.subarray(32), s.signature.subarray(0, 32))
  }))
)

/** Adds to S, modulo 2^256 so that it always fits. */
function addToS(signature: Uint8Array, amount: bigint): Uint8Array {
  const S = (bytesToNumberLE(signature.subarray(32)) + amount) % 2n ** 256n
  return concatBytes(signature.subarray(0, 32), numberToBytesLE(S, 32))
}

function same(a: Forgery, b: Forgery): boolean {
  const whole = ({ publicKey, message, signature }: Forgery) =>
    [publicKey, message, signature].map((part) => Buffer.from(part).toString('hex')).join()
  return whole(a) === whole(b)
}

describe('the two backends', () => {
  test('derive the same public key, sign the same bytes, and accept them', () => {
    fc.assert(
      fc.property(seed, message, (secretKey, text) => {
        const publicKey = native.publicKey(secretKey)
        const signature = native.sign(secretKey, text)
        expect(portable.publicKey(secretKey)).toEqual(publicKey)
        expect(portable.sign(secretKey, text)).toEqual(signature)
        expectVerdict(true, { publicKey, message: text, signature })
      })
    )
  })

  test('refuse whatever was changed in a key, a message or a signature', () => {
    fc.assert(
      fc.property(
        seed,
        message,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (secretKey, text, changes) => {
          const signed: Forgery = {
            publicKey: native.publicKey(secretKey),
            message: text,
            signature: native.sign(secretKey, text)
          }
          const changed = changes.reduce((value, change) => change(value), signed)
          expectVerdict(same(changed, signed), changed)
        }
      ),
      { numRuns: 300 }
    )
  })

  test('accept a signature made with a known scalar only if neither R nor A has a part of small order', () => {
    fc.assert(
      fc.property(seed, message, scalar, torsionIndex, torsionIndex, (secretKey, text, r, inR, inA) => {
        const { a, A } = keyPair(secretKey)
        const R = Edwards.BASE.multiply(r).add(torsion[inR]!)
        const forgery = sign({ a, r }, { R: R.toBytes(), A: A.add(torsion[inA]!).toBytes() }, text)
        // This is what divides implementations: with the cofactor every one of these is a signature.
        expect(equationHolds(forgery, { cofactored: true })).toBe(true)
        expect(ed25519.verify(forgery.signature, text, forgery.publicKey, { zip215: false })).toBe(true)
        expectVerdict(inR === 0 && inA === 0, forgery)
      }),
      { numRuns: 200 }
    )
  })

  test('compute the same HMAC-SHA256 and SHA-256, by either way to ask', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 2000 }), (key, text) => {
        const tag = native.hmac(key, text)
        for (const backend of backends) {
          const kept = backend.hmacKey(key)
          expect(backend.hmac(key, text)).toEqual(tag)
          expect([kept.tag(text), kept.tag(text)]).toEqual([tag, tag])
          expect(kept.verify(text, tag)).toBe(true)
          expect(kept.verify(text, flipBit(tag, text.length))).toBe(false)
        }
        expect(portable.sha256(text)).toEqual(native.sha256(text))
      })
    )
  })
})
