/** One HMAC key for messages of all lengths, one after the other: the backends agree on each. */
import { expect, test } from 'vitest'
import { nobleBackend } from '../../src/crypto/noble-backend.ts'
import { nodeBackend } from '../../src/crypto/node-backend.ts'

const MESSAGE_BYTES = [0, 1, 63, 64, 65, 2000, 100, 131_071, 131_072, 131_073, 300_000, 5]

test.each([0, 1, 32, 63, 64, 65, 200])('a key of %d bytes', (keyBytes) => {
  const key = new Uint8Array(keyBytes).fill(7)
  const native = nodeBackend?.hmacKey(key)
  const portable = nobleBackend.hmacKey(key)
  for (const length of MESSAGE_BYTES) {
    const message = new Uint8Array(length).map((_, i) => i)
    const tag = portable.tag(message)
    expect(native?.tag(message)).toEqual(tag)
    expect(native?.verify(message, tag)).toBe(true)
    tag[31]! ^= 1
    expect(native?.verify(message, tag)).toBe(false)
  }
})
