/**
 * A value with a checksum in front, which covers the key too: a value that was moved to another key, cut, or changed in
 * one bit is noticed. LevelDB has checksums of its own, but does not look at them when it reads, and leaves out what it
 * cannot read of its log.
 *
 * SHA-256, because it is in the house, native where it matters, and as good against any pattern of damage as against
 * another; a CRC would be a second function to keep, and its microsecond less is nothing beside a sync. It is no
 * defence against whoever can write to the disk.
 */
import { concatBytes, sameBytes, utf8 } from '../core/bytes.ts'
import { defaultBackend } from '../crypto/index.ts'

export const CHECKSUM_BYTES = 32

/** Ends the key, which never contains it. */
const END_OF_KEY = Uint8Array.of(0)

export function seal(key: string, body: Uint8Array): Uint8Array {
  return concatBytes(checksum(key, body), body)
}

/** The body, or undefined if it is not what was sealed under this key. It is a view of `sealed`. */
export function unseal(key: string, sealed: Uint8Array): Uint8Array | undefined {
  const body = sealed.subarray(CHECKSUM_BYTES)
  return sameBytes(sealed.subarray(0, CHECKSUM_BYTES), checksum(key, body)) ? body : undefined
}

function checksum(key: string, body: Uint8Array): Uint8Array {
  return defaultBackend.sha256(concatBytes(utf8(key), END_OF_KEY, body))
}
