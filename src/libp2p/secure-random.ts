/** The platform's cryptographically secure random number generator. */
import { assert } from '../core/assert.ts'
import type { Random } from '../core/random.ts'

/** `getRandomValues` gives at most so many bytes at a time. */
const QUOTA_BYTES = 65_536
const WORD = 2 ** 32

export const secureRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += QUOTA_BYTES) {
      crypto.getRandomValues(bytes.subarray(at, at + QUOTA_BYTES))
    }
    return bytes
  },

  below(bound) {
    assert(Number.isSafeInteger(bound) && bound > 0 && bound <= WORD, 'a bound is from 1 to 2^32')
    // Beyond the largest multiple of the bound the remainders would not be equally likely.
    const limit = WORD - (WORD % bound)
    const word = new Uint32Array(1)
    do crypto.getRandomValues(word)
    while (word[0]! >= limit)
    return word[0]! % bound
  }
}
