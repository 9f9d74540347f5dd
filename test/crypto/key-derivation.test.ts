/** Encrypted keys of strangers: the work that one asks for is bounded before any of it is done. */
import { createPrivateKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decryptPrivateKey } from '../../src/crypto/encrypted-key.ts'
import { encodePrivateKey } from '../../src/crypto/index.ts'
import {
  PBKDF2_ITERATIONS_MAX,
  requireBoundedDerivation,
  SCRYPT_BYTES_MAX,
  SCRYPT_STEPS_MAX
} from '../../src/crypto/key-derivation.ts'
import { decodePem, ENCRYPTED_LABEL, encodePem } from '../../src/crypto/key-encoding.ts'
import { counting } from './support.ts'

const seed = counting(32)
const passphrase = 'a passphrase'
/** What `openssl pkcs8 -topk8` makes: PBKDF2 with 2,048 iterations. */
const openssl = createPrivateKey(encodePrivateKey(seed))
  .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase })
  .toString()
const opensslDer = decodePem(ENCRYPTED_LABEL, openssl)

function tlv(tag: number, ...contents: readonly number[][]): number[] {
  const body = contents.flat()
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff]
  return [tag, ...length, ...body]
}
const sequence = (...elements: number[][]) => tlv(0x30, ...elements)
const octets = (length: number) => tlv(0x04, new Array(length).fill(7))
const oid = (hex: string) => tlv(0x06, [...Buffer.from(hex, 'hex')])
function integer(value: number): number[] {
  const hex = value.toString(16)
  const body = [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')]
  return tlv(0x02, (body[0] ?? 0) >= 0x80 ? [0, ...body] : body)
}

const PBES2 = oid('2a864886f70d01050d')
const PBKDF2 = oid('2a864886f70d01050c')
const SCRYPT = oid('2b06010401da47040b')
const CIPHER = sequence(oid('60864801650304012a'), octets(16))

const keyOf = (derivation: number[][], scheme = PBES2) =>
  Uint8Array.from(sequence(sequence(scheme, sequence(sequence(...derivation), CIPHER)), octets(48)))
const pbkdf2 = (iterations: number, ...more: number[][]) =>
  keyOf([PBKDF2, sequence(octets(16), integer(iterations), ...more)])
const scrypt = (n: number, r: number, p: number) =>
  keyOf([SCRYPT, sequence(octets(16), integer(n), integer(r), integer(p))])

/** What is said to who opens it. */
const refusal = (der: Uint8Array) => {
  try {
    decryptPrivateKey(encodePem(ENCRYPTED_LABEL, der), passphrase)
  } catch (error) {
    return String(error)
  }
  return 'it opens'
}

describe('work', () => {
  test.each([
    ['2^31 - 1 iterations', pbkdf2(2 ** 31 - 1), '2147483647 iterations of PBKDF2, at most 10000000'],
    ['one iteration too many', pbkdf2(PBKDF2_ITERATIONS_MAX + 1), '10000001 iterations of PBKDF2'],
    ['iterations that fill no number', pbkdf2(2 ** 52), 'too many iterations of PBKDF2'],
    ['scrypt in parallel a million times', scrypt(2, 1, 2 ** 18), 'too much of scrypt: N 2, r 1, p 262144'],
    ['scrypt with much of each', scrypt(2 ** 17, 1, 2 ** 17), 'too much of scrypt'],
    ['scrypt with a large N', scrypt(2 ** 30, 8, 1), 'too much of scrypt'],
    ['scrypt with a large r', scrypt(2, 2 ** 40, 1), 'too much of scrypt']
  ])('%s: refused before it is done', (_, der, message) => {
    expect(refusal(der)).toMatch(/^KeyFormatError: the private key asks for /)
    expect(refusal(der)).toContain(message)
  })

  test('up to the bounds it is done', () => {
    for (const der of [
      pbkdf2(PBKDF2_ITERATIONS_MAX),
      pbkdf2(2048, integer(32)),
      scrypt(2 ** 14, 8, 5),
      scrypt(2, 1, SCRYPT_BYTES_MAX / 128 - 2),
      scrypt(2 ** 14, 8, SCRYPT_STEPS_MAX / 2 ** 17)
    ])
      expect(() => requireBoundedDerivation(der)).not.toThrow()
    requireBoundedDerivation(opensslDer)
  })

  test('control: a key that OpenSSL made opens', () => {
    expect(decryptPrivateKey(openssl, passphrase)).toEqual(seed)
    expect(decryptPrivateKey(encodePem(ENCRYPTED_LABEL, opensslDer), passphrase)).toEqual(seed)
  })

  test('another way of protection is refused by name: its work cannot be told', () => {
    for (const der of [
      keyOf([PBKDF2, sequence(octets(16), integer(1))], oid('2a864886f70d010c0103')), // PKCS#12, 3DES
      keyOf([oid('2a864886f70d010502'), sequence(octets(16), integer(1))])
    ])
      expect(refusal(der)).toContain('expected PBES2 with PBKDF2 or scrypt')
  })
})

describe('one reading', () => {
  const short = pbkdf2(1000)
  const damaged: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['bytes behind it', Uint8Array.of(...short, 0)],
    ['an end that is missing', short.subarray(0, -1)],
    ['an indefinite length', Uint8Array.of(0x30, 0x80, ...short.subarray(2), 0, 0)],
    [
      'a length in more bytes than it needs',
      Uint8Array.of(0x30, 0x82, 0x00, short.length - 2, ...short.subarray(2))
    ],
    ['a length of four bytes', Uint8Array.of(0x30, 0x84, 0, 0, 0, short.length - 2, ...short.subarray(2))],
    ['a negative number', keyOf([PBKDF2, sequence(octets(16), tlv(0x02, [0x80]))])],
    ['a number with a zero before it', keyOf([PBKDF2, sequence(octets(16), tlv(0x02, [0, 1]))])],
    ['no number', keyOf([PBKDF2, sequence(octets(16), tlv(0x02))])]
  ]

  test.each(damaged)('DER with %s is refused', (_, der) => {
    expect(() => requireBoundedDerivation(der)).toThrow('the private key is damaged: not DER')
  })

  test('text behind the key, or a second one, is refused: OpenSSL might read that', () => {
    for (const text of [
      `${openssl}x`,
      openssl + openssl,
      openssl.replace('\n', '\nProc-Type: 4,ENCRYPTED\n')
    ])
      expect(() => decryptPrivateKey(text, passphrase)).toThrow(/damaged/)
  })

  test('whatever bytes are changed, it opens or is refused in one line', () => {
    const change = fc.tuple(fc.nat(opensslDer.length - 1), fc.integer({ min: 0, max: 255 }))
    let refused = 0
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const der = Uint8Array.from(opensslDer)
        for (const [at, byte] of changes) der[at] = byte
        const outcome = refusal(der)
        expect(outcome).toMatch(/^(it opens|KeyFormatError: the private key [^\n]{1,200})$/)
        if (outcome !== 'it opens') refused++
      }),
      { numRuns: 300 }
    )
    expect(refused).toBeGreaterThan(100)
  })

  test('whatever characters are changed, it opens or is refused in one line', () => {
    const change = fc.tuple(fc.nat(openssl.length - 1), fc.string({ minLength: 0, maxLength: 2 }))
    fc.assert(
      fc.property(change, ([at, text]) => {
        const changed = openssl.slice(0, at) + text + openssl.slice(at + 1)
        let outcome = 'it opens'
        try {
          decryptPrivateKey(changed, passphrase)
        } catch (error) {
          outcome = String(error)
        }
        expect(outcome).toMatch(/^(it opens|KeyFormatError: [^\n]{1,200})$/)
      }),
      { numRuns: 300 }
    )
  })
})
