import { expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { HKDF_OUTPUT_MAX_BYTES, hkdf, x25519 } from '../../src/crypto/index.ts'
import { backends, bytes, expectVerdict } from './support.ts'
import { wycheproof } from './wycheproof.ts'

test('every Wycheproof case of Ed25519 gets the verdict that it asks for, from every backend', () => {
  for (const { group, item } of wycheproof('ed25519')) {
    expect(item.result, 'no case leaves the verdict open').not.toBe('acceptable')
    expectVerdict(item.result === 'valid', {
      publicKey: bytes(group.publicKey.pk),
      message: bytes(item.msg),
      signature: bytes(item.sig)
    })
  }
})

test('every Wycheproof case of HMAC-SHA256 gets the tag, or the refusal, that it asks for', () => {
  for (const { group, item } of wycheproof('hmac_sha256')) {
    const [key, message] = [bytes(item.key), bytes(item.msg)]
    for (const backend of backends) {
      const tag = backend.hmac(key, message).subarray(0, group.tagSize / 8)
      expect(toHex(tag) === item.tag, `${backend.name}, case ${item.tcId}`).toBe(item.result === 'valid')
      // Ours are never truncated: the other half of the cases is refused for its length.
      expect(
        backend.hmacKey(key).verify(message, bytes(item.tag)),
        `${backend.name}, case ${item.tcId}`
      ).toBe(item.result === 'valid' && group.tagSize === 256)
    }
  }
})

test('every Wycheproof case of X25519 gets its shared secret, and an all-zero one is refused', () => {
  for (const { item } of wycheproof('x25519')) {
    const agree = () => toHex(x25519(bytes(item.private), bytes(item.public)))
    if (item.flags.includes('ZeroSharedSecret')) {
      expect(agree, `case ${item.tcId}`).toThrow(expect.objectContaining({ name: 'KeyAgreementError' }))
    } else expect(agree(), `case ${item.tcId}`).toBe(item.shared)
  }
})

test('every Wycheproof case of HKDF-SHA256 gets its output, and one that is too long is refused', () => {
  for (const { item } of wycheproof('hkdf_sha256')) {
    const derive = () => toHex(hkdf(bytes(item.ikm), bytes(item.salt), bytes(item.info), item.size))
    if (item.result === 'valid') expect(derive(), `case ${item.tcId}`).toBe(item.okm)
    else {
      expect(item.size).toBeGreaterThan(HKDF_OUTPUT_MAX_BYTES)
      expect(derive).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    }
  }
})
