import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { decryptPrivateKey, encryptPrivateKey, PASSPHRASE_MAX_BYTES } from '../../src/crypto/encrypted-key.ts'
import { decodePrivateKey, encodePrivateKey, isEncryptedPrivateKey } from '../../src/crypto/index.ts'
import { counting } from './support.ts'

const seed = counting(32)
const passphrase = 'correct horse, b\u00e4ttery'
const pem = encryptPrivateKey(seed, passphrase)

/** The bytes of a PEM text, to look for what they must and must not hold. */
const der = (text: string) => Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64').toString('hex')

describe('a private key under a passphrase', () => {
  test('opens with the passphrase', () => {
    expect(isEncryptedPrivateKey(pem)).toBe(true)
    expect(decryptPrivateKey(pem, passphrase)).toEqual(seed)
  })

  test('is read by OpenSSL', () => {
    const { d } = createPrivateKey({ key: pem, format: 'pem', passphrase }).export({ format: 'jwk' })
    expect(d).toBe(Buffer.from(seed).toString('base64url'))
  })

  test('says scrypt with N = 16384, r = 8, p = 5, and AES-256-CBC; it does not hold the seed', () => {
    expect(der(pem)).toContain('06092b06010401da47040b301c0410')
    expect(der(pem)).toContain('02024000020108020105')
    expect(der(pem)).toContain('060960864801650304012a0410')
    expect(der(pem)).not.toContain(toHex(seed))
  })

  test('never comes out the same twice', () => {
    expect(encryptPrivateKey(seed, passphrase)).not.toBe(pem)
  })

  test('does not open with another passphrase, or with none', () => {
    for (const wrong of ['correct horse', `${passphrase} `, '']) {
      expect(() => decryptPrivateKey(pem, wrong)).toThrow(
        expect.objectContaining({
          name: 'KeyFormatError',
          message: expect.stringMatching(/wrong passphrase/)
        })
      )
    }
  })

  test('does not open when it was damaged', () => {
    const lines = pem.split('\n')
    for (const damaged of [lines.toSpliced(3, 1), lines.toSpliced(-2, 1)].map((kept) => kept.join('\n'))) {
      expect(() => decryptPrivateKey(damaged, passphrase)).toThrow(
        expect.objectContaining({ name: 'KeyFormatError' })
      )
    }
  })

  test('is not mistaken for an unprotected one, nor the reverse', () => {
    expect(() => decodePrivateKey(pem)).toThrow('the private key is protected by a passphrase')
    expect(() => decryptPrivateKey(encodePrivateKey(seed), passphrase)).toThrow(
      'the private key is not protected by a passphrase'
    )
  })

  test('that OpenSSL protected in its own way opens too, if it is an Ed25519 key', () => {
    const options = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase } as const
    const ours = createPrivateKey(encodePrivateKey(seed)).export(options).toString()
    expect(decryptPrivateKey(ours, passphrase)).toEqual(seed)
    const other = generateKeyPairSync('x25519').privateKey.export(options).toString()
    expect(() => decryptPrivateKey(other, passphrase)).toThrow(/not an Ed25519 key/)
  })

  test('takes a passphrase of 1 to 1,024 bytes, which is all that OpenSSL reads', () => {
    for (const fits of ['x', 'x'.repeat(PASSPHRASE_MAX_BYTES)]) {
      expect(decryptPrivateKey(encryptPrivateKey(seed, fits), fits)).toEqual(seed)
    }
    for (const wrong of [
      '',
      'x'.repeat(PASSPHRASE_MAX_BYTES + 1),
      '\u00e4'.repeat(PASSPHRASE_MAX_BYTES / 2 + 1)
    ]) {
      expect(() => encryptPrivateKey(seed, wrong)).toThrow(
        expect.objectContaining({ name: 'InvalidParametersError' })
      )
    }
    expect(() => encryptPrivateKey(new Uint8Array(31), 'x')).toThrow('the seed must be 32 bytes long, not 31')
  })
})
