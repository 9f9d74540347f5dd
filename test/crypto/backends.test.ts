import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { acceptKey, CHECKED_KEYS_MAX } from '../../src/crypto/ed25519-rules.ts'
import { defaultBackend, equalBytes, nodeBackend } from '../../src/crypto/index.ts'
import { backends, counting } from './support.ts'

const seed = counting(32)
const message = utf8('hello')
const misuse = (text: string) => expect.objectContaining({ name: 'InvalidParametersError', message: text })

test('the default backend is the native one where it exists', () => {
  expect(defaultBackend).toBe(nodeBackend)
})

describe.each(backends)('$name', (backend) => {
  test.each([0, 31, 33, 64])('refuses a secret key of %i bytes with an error that says so', (length) => {
    const error = misuse(`the secret key must be 32 bytes long, not ${length}`)
    const wrong = new Uint8Array(length)
    expect(() => backend.sign(wrong, message)).toThrow(error)
    expect(() => backend.signer(wrong)).toThrow(error)
    expect(() => backend.publicKey(wrong)).toThrow(error)
  })

  test('refuses to sign, tag or hash what is no byte string, with an error that says so', () => {
    const wrong = 'hello' as unknown as Uint8Array
    const error = misuse('the message must be a Uint8Array of at most 2147483647 bytes')
    expect(() => backend.sign(seed, wrong)).toThrow(error)
    expect(() => backend.hmac(seed, wrong)).toThrow(error)
    expect(() => backend.hmacKey(seed).tag(wrong)).toThrow(error)
    expect(() => backend.sha256(wrong)).toThrow(error)
    expect(() => backend.sha256(new Uint8Array(2 ** 31))).toThrow(error)
    expect(() => backend.sign(wrong, message)).toThrow(
      misuse('the secret key must be a Uint8Array of 32 bytes')
    )
    expect(() => backend.hmac(wrong, message)).toThrow(
      misuse('the MAC key must be a Uint8Array of at most 2147483647 bytes')
    )
  })

  test('a tag that is malformed, cut short or of something else does not verify, and never throws', () => {
    const key = backend.hmacKey(seed)
    const tag = key.tag(message)
    expect(key.verify(message, tag)).toBe(true)
    expect(key.verify(utf8('other'), tag)).toBe(false)
    for (const wrong of [tag.subarray(0, 16), new Uint8Array(), undefined, 'x'.repeat(32), [...tag]]) {
      expect(key.verify(message, wrong as Uint8Array)).toBe(false)
    }
    expect(key.verify(undefined as unknown as Uint8Array, tag)).toBe(false)
  })

  test('kept keys are copies: what the caller does to its own bytes later changes nothing', () => {
    const [secretKey, macKey] = [Uint8Array.from(seed), Uint8Array.from(seed)]
    const publicKey = backend.publicKey(seed)
    const [sign, mac, verify] = [
      backend.signer(secretKey),
      backend.hmacKey(macKey),
      backend.verifier(publicKey)
    ]
    const signature = backend.sign(seed, message)
    const tag = backend.hmac(seed, message)
    for (const own of [secretKey, macKey, publicKey]) own.fill(0)
    expect(sign(message)).toEqual(signature)
    expect(mac.tag(message)).toEqual(tag)
    expect(verify(message, signature)).toBe(true)
  })

  test('outputs are plain byte arrays of their own, not views of shared memory', () => {
    const outputs = [
      backend.publicKey(seed),
      backend.sign(seed, message),
      backend.hmac(seed, message),
      backend.hmacKey(seed).tag(message),
      backend.sha256(message)
    ]
    for (const output of outputs) {
      expect(output.constructor).toBe(Uint8Array)
      expect(output.buffer.byteLength).toBe(output.length)
    }
  })
})

test('equalBytes compares values and lengths, and takes nothing but byte strings', () => {
  expect(equalBytes(counting(32), Buffer.from(counting(32)))).toBe(true)
  expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true)
  for (let i = 0; i < 32; i++) {
    const other = counting(32)
    other[i]! ^= 0x80
    expect(equalBytes(counting(32), other)).toBe(false)
  }
  expect(equalBytes(counting(32), counting(31))).toBe(false)
  expect(equalBytes(counting(32), counting(33))).toBe(false)
  const [text, nothing] = ['ab', undefined] as unknown as [Uint8Array, Uint8Array]
  expect(equalBytes(text, text)).toBe(false)
  expect(equalBytes(nothing, nothing)).toBe(false)
})

test('a public key is checked once while it is in use, and however many strangers come, few are kept', () => {
  const publicKey = backends[1]!.publicKey(seed)
  const checked = acceptKey(publicKey)
  expect(checked).toBeDefined()
  // Off the curve for about half of them: refused keys are remembered too, and evict like the others.
  for (let i = 0; i < 2 * CHECKED_KEYS_MAX; i++) {
    acceptKey(Uint8Array.of(...counting(30), i & 0xff, i >> 8))
    if (i % (CHECKED_KEYS_MAX - 1) === 0) expect(acceptKey(publicKey)).toBe(checked)
  }
  for (let i = 0; i < CHECKED_KEYS_MAX; i++) acceptKey(Uint8Array.of(...counting(30, 1), i & 0xff, i >> 8))
  expect(acceptKey(publicKey)).not.toBe(checked)
  expect(acceptKey(publicKey)?.encoding).toEqual(publicKey)
})
