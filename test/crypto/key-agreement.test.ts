import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, toHex, utf8 } from '../../src/core/bytes.ts'
import {
  defaultBackend,
  HKDF_OUTPUT_MAX_BYTES,
  hkdf,
  sharedSecret,
  x25519,
  x25519PublicKey,
  x25519SecretKey
} from '../../src/crypto/index.ts'
import { excessEncodings, keyPair, smallOrderEncodings, torsion } from './forge.ts'
import { backends, bytes, counting } from './support.ts'

const seed = counting(32)
const named = (name: string) => expect.objectContaining({ name })

describe('sharedSecret', () => {
  test('gives two identities the same secret, and a third another one', () => {
    const anySeed = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(anySeed, anySeed, anySeed, (alice, bob, eve) => {
        fc.pre(toHex(eve) !== toHex(bob))
        const [alicePublic, bobPublic] = [defaultBackend.publicKey(alice), defaultBackend.publicKey(bob)]
        const secret = sharedSecret(alice, bobPublic)
        expect(secret).toHaveLength(32)
        expect(sharedSecret(bob, alicePublic)).toEqual(secret)
        expect(sharedSecret(eve, alicePublic)).not.toEqual(secret)
      }),
      { numRuns: 30 }
    )
  })

  test('maps a seed and its public key to one X25519 key pair', () => {
    const base = bytes('09'.padEnd(64, '0'))
    expect(x25519PublicKey(defaultBackend.publicKey(seed))).toEqual(x25519(x25519SecretKey(seed), base))
  })

  test('refuses a public key of small order, of mixed order, or in an excess encoding', () => {
    const mixed = torsion.slice(1).map((T) => keyPair(seed).A.add(T).toBytes())
    for (const publicKey of [...smallOrderEncodings, ...mixed, ...excessEncodings]) {
      expect(() => sharedSecret(seed, publicKey)).toThrow(named('KeyAgreementError'))
    }
    expect(() => sharedSecret(seed, new Uint8Array(31))).toThrow(named('KeyAgreementError'))
  })

  test('refuses a seed of the wrong length', () => {
    expect(() => sharedSecret(new Uint8Array(64), seed)).toThrow(named('InvalidParametersError'))
    expect(() => x25519(new Uint8Array(31), seed)).toThrow(
      'the X25519 secret key must be 32 bytes long, not 31'
    )
    expect(() => x25519(seed, new Uint8Array(33))).toThrow(
      'the X25519 public key must be 32 bytes long, not 33'
    )
  })
})

describe('hkdf', () => {
  test('is RFC 5869 written out over the HMAC of either backend', () => {
    const anyBytes = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(
        anyBytes,
        anyBytes,
        anyBytes,
        fc.integer({ min: 1, max: 200 }),
        (secret, salt, info, length) => {
          for (const { hmac } of backends) {
            const key = hmac(salt, secret)
            let [output, block] = [new Uint8Array(), new Uint8Array()]
            for (let i = 1; output.length < length; i++) {
              block = Uint8Array.from(hmac(key, concatBytes(block, info, Uint8Array.of(i))))
              output = Uint8Array.from(concatBytes(output, block))
            }
            expect(hkdf(secret, salt, info, length)).toEqual(output.subarray(0, length))
          }
        }
      )
    )
  })

  test('gives unrelated keys for different salts and for different infos', () => {
    const [none, one, two] = [new Uint8Array(), utf8('one'), utf8('two')]
    const keys = [
      hkdf(seed, none, none, 32),
      hkdf(seed, one, none, 32),
      hkdf(seed, none, one, 32),
      hkdf(seed, none, two, 32)
    ]
    expect(new Set(keys.map(toHex)).size).toBe(keys.length)
  })

  test.each([0, -1, 1.5, Number.NaN, HKDF_OUTPUT_MAX_BYTES + 1])('refuses a length of %d', (length) => {
    expect(() => hkdf(seed, seed, seed, length)).toThrow(named('InvalidParametersError'))
  })

  test('gives as many bytes as RFC 5869 allows', () => {
    expect(hkdf(seed, seed, seed, HKDF_OUTPUT_MAX_BYTES)).toHaveLength(HKDF_OUTPUT_MAX_BYTES)
  })
})
