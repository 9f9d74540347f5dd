import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePrivateKey, encodePrivateKey, isEncryptedPrivateKey } from '../../src/crypto/index.ts'
import { encodePem } from '../../src/crypto/key-encoding.ts'
import { bytes, counting } from './support.ts'

const refusal = (message: string | RegExp) =>
  expect.objectContaining({ name: 'KeyFormatError', message: expect.stringMatching(message) })

/** RFC 8410, section 10.3: the example of a private key, and the seed that it shows. */
const RFC_8410_PEM = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`
const RFC_8410_SEED = 'd4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842'

describe('a private key as PEM', () => {
  test('is the one that RFC 8410 shows', () => {
    expect(encodePrivateKey(bytes(RFC_8410_SEED))).toBe(RFC_8410_PEM)
    expect(decodePrivateKey(RFC_8410_PEM)).toEqual(bytes(RFC_8410_SEED))
  })

  test('is read back as the seed that was written, by us and by OpenSSL', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const pem = encodePrivateKey(seed)
        expect(decodePrivateKey(pem)).toEqual(seed)
        expect(createPrivateKey(pem).export({ format: 'jwk' }).d).toBe(
          Buffer.from(seed).toString('base64url')
        )
      })
    )
  })

  test('is read as OpenSSL writes it, and with the line ends of another system', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    expect(encodePrivateKey(decodePrivateKey(pem))).toBe(pem)
    expect(encodePrivateKey(decodePrivateKey(pem.replaceAll('\n', '\r\n')))).toBe(pem)
    expect(encodePrivateKey(decodePrivateKey(pem.trimEnd()))).toBe(pem)
  })

  test('is not made of a seed of the wrong length', () => {
    expect(() => encodePrivateKey(new Uint8Array(64))).toThrow('the seed must be 32 bytes long, not 64')
  })
})

describe('what is not exactly such a key is refused in one clear line', () => {
  const body = RFC_8410_PEM.split('\n')[1]!
  const publicKey = generateKeyPairSync('ed25519')
    .publicKey.export({ format: 'pem', type: 'spki' })
    .toString()
  const x25519 = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const rest = counting(48)

  test.each<[string, string, RegExp]>([
    ['nothing', '', /^not a PEM file/],
    ['a number', 7 as unknown as string, /^not a PEM file/],
    ['text before the key', `a key:\n${RFC_8410_PEM}`, /^not a PEM file/],
    ['a text of a megabyte', RFC_8410_PEM + '\n'.repeat(2 ** 20), /^not a PEM file/],
    ['a public key', publicKey, /^expected a PEM "PRIVATE KEY", found a "PUBLIC KEY"$/],
    ['a key under a passphrase', encodePem('ENCRYPTED PRIVATE KEY', rest), /protected by a passphrase$/],
    ['a key of X25519', x25519, /not an Ed25519 key/],
    ['a key that is cut short', encodePem('PRIVATE KEY', rest.subarray(0, 47)), /not an Ed25519 key/],
    ['other bytes of the same length', encodePem('PRIVATE KEY', rest), /not an Ed25519 key/],
    ['a body that is not base64', RFC_8410_PEM.replace(body, `${body.slice(0, 63)}*`), /not base64$/],
    ['a body in two lines', RFC_8410_PEM.replace(body, `${body.slice(0, 9)}\n${body.slice(9)}`), /damaged/],
    ['white space in the body', RFC_8410_PEM.replace(body, `${body} `), /damaged/],
    ['no end line', RFC_8410_PEM.replace(/-----END.*/, ''), /damaged|not an Ed25519 key/],
    ['another end line', RFC_8410_PEM.replace('END PRIVATE', 'END PUBLIC'), /damaged/],
    ['text after the key', `${RFC_8410_PEM}more`, /damaged|base64|not an Ed25519/],
    ['two keys', RFC_8410_PEM + RFC_8410_PEM, /damaged|base64|not an Ed25519/]
  ])('%s', (_, pem, message) => {
    expect(() => decodePrivateKey(pem)).toThrow(refusal(message))
  })

  test('any one character changed gives another key or a refusal, never a crash', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: RFC_8410_PEM.length - 1 }),
        fc.string({ maxLength: 2 }),
        (at, replacement) => {
          const changed = RFC_8410_PEM.slice(0, at) + replacement + RFC_8410_PEM.slice(at + 1)
          try {
            expect(encodePrivateKey(decodePrivateKey(changed)).trimEnd()).toBe(changed.trimEnd())
          } catch (error) {
            expect(error).toMatchObject({
              name: 'KeyFormatError',
              message: expect.not.stringContaining('\n')
            })
          }
        }
      )
    )
  })

  test('a protected key is recognised as one', () => {
    expect(isEncryptedPrivateKey(RFC_8410_PEM)).toBe(false)
    expect(isEncryptedPrivateKey(encodePem('ENCRYPTED PRIVATE KEY', rest))).toBe(true)
    expect(() => isEncryptedPrivateKey('hello')).toThrow(refusal(/^not a PEM file/))
  })
})
