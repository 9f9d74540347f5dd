/**
 * Signatures as an adversary makes them, who knows its secret scalar and need not follow RFC 8032: any R, any
 * encoding of A, and points of small order added to either.
 */
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from '../../src/core/bytes.ts'
import type { Point } from '../../src/crypto/ed25519-rules.ts'

export const { Point: Edwards } = ed25519
export const P = Edwards.Fp.ORDER
export const L = Edwards.Fn.ORDER

/** The eight points whose order divides the cofactor, the identity first. */
export const torsion: readonly Point[] = ED25519_TORSION_SUBGROUP.map((hex) => Edwards.fromHex(hex))

export interface Forgery {
  publicKey: Uint8Array
  message: Uint8Array
  signature: Uint8Array
}

/** 32 bytes of y and the sign of x, in range or not. */
export function encodeY(y: bigint, sign: 0 | 1): Uint8Array {
  return numberToBytesLE(y + (BigInt(sign) << 255n), 32)
}

/** All encodings of points of small order: each by its canonical one, and by all the excess ones. */
export const smallOrderEncodings: readonly Uint8Array[] = [
  ...new Set(torsion.map((point) => bytesToNumberLE(point.toBytes()) & (2n ** 255n - 1n)))
].flatMap((y) =>
  [y, y + P].filter((excess) => excess < 2n ** 255n).flatMap((any) => [encodeY(any, 0), encodeY(any, 1)])
)

/** All encodings with y >= p; 2^255 - 1 = p + 18 is the last. */
export const excessEncodings: readonly Uint8Array[] = Array.from(
  { length: 19 },
  (_, i) => P + BigInt(i)
).flatMap((y) => [encodeY(y, 0), encodeY(y, 1)])

export function challenge(R: Uint8Array, A: Uint8Array, message: Uint8Array): bigint {
  return bytesToNumberLE(sha512(concatBytes(R, A, message))) % L
}

/** The secret scalar and public point of a seed. */
export function keyPair(seed: Uint8Array): { a: bigint; A: Point } {
  const { scalar, point } = ed25519.utils.getExtendedPublicKey(seed)
  return { a: scalar, A: point }
}

/** R || S with S = r + k*a: what satisfies S*B = r*B + k*(a*B), whatever the encodings really hold. */
export function sign(
  { a, r }: { a: bigint; r: bigint },
  encodings: { R: Uint8Array; A: Uint8Array },
  message: Uint8Array
): Forgery {
  const S = (r + challenge(encodings.R, encodings.A, message) * a) % L
  return { publicKey: encodings.A, message, signature: concatBytes(encodings.R, numberToBytesLE(S, 32)) }
}

/** A message for which the challenge is a multiple of 8, so that k times a point of small order vanishes. */
export function messageThatClearsTorsion(encodings: { R: Uint8Array; A: Uint8Array }): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const message = utf8(`attempt ${attempt}`)
    if (challenge(encodings.R, encodings.A, message) % 8n === 0n) return message
  }
}

/** Whether S*B = R + k*A with points decoded as leniently as can be: the equation, and none of the rules. */
export function equationHolds(
  { publicKey, message, signature }: Forgery,
  { cofactored }: { cofactored: boolean }
): boolean {
  const [R, S] = [signature.subarray(0, 32), bytesToNumberLE(signature.subarray(32)) % L]
  const kA = Edwards.fromBytes(publicKey, true).multiplyUnsafe(challenge(R, publicKey, message))
  const rest = Edwards.BASE.multiplyUnsafe(S).subtract(kA).subtract(Edwards.fromBytes(R, true))
  return (cofactored ? rest.clearCofactor() : rest).is0()
}
