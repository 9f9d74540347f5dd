/**
 * The one rule by which an Ed25519 signature is accepted, whatever the backend.
 *
 * RFC 8032 leaves verifiers room to differ, and they do: with or without the cofactor, with small-order keys
 * or not, with the excess encodings or not (K. Chalkias, F. Garillot, V. Nikolaenko, "Taming the many
 * EdDSAs", SSR 2020; H. de Valence, "It's 255:19AM. Do you know what your validation criteria are?", 2020).
 * Elsewhere that is a curiosity. Here, a Byzantine member that finds one signature which some correct members
 * accept and others refuse has split the group. So the rule is exact, and stricter than any backend's own:
 *
 *     publicKey = encode(A), signature = encode(R) || S, k = SHA-512(encode(R) || encode(A) || message)
 *
 *  1. a public key is 32 bytes, a signature 64;
 *  2. A is canonically encoded (y < p, and no sign on x = 0), on the curve, in the subgroup of prime order L,
 *     and not its identity (no excess encoding passes the last two, so canonicity is asked for twice);
 *  3. S < L, so that nobody can turn S into S + L and have a second signature (RFC 8032, section 5.1.7);
 *  4. R is not an encoding, canonical or not, of one of the eight points whose order divides the cofactor;
 *  5. encode(S*B - k*A) = encode(R), byte for byte: the equation without the cofactor.
 *
 * Rules 1 to 4 are checked here; only rule 5 is left to a backend, and given the others there is nothing left
 * for two of them to disagree about. No honest signer is refused: its A = a*B with a not a multiple of L, and
 * its R = r*B is the identity with probability 2^-252.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex, bytesToNumberLE } from '@noble/curves/utils.js'
import type { CryptoBackend, Verifier } from './backend.ts'
import { BoundedCache } from './bounded-cache.ts'
import { isBytes, isMessage } from './bytes.ts'

/** Length of a secret key, which is the seed of RFC 8032 and nothing else, in bytes. */
export const SECRET_KEY_BYTES = 32
export const PUBLIC_KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

/**
 * How many public keys are remembered as acceptable or not: the check costs as much as eight native
 * verifications. A verifier keeps its own key, so that strangers who bring many keys evict only each other's.
 */
export const CHECKED_KEYS_MAX = 1024

/** A point of edwards25519, as noble computes with it. */
export type Point = InstanceType<typeof ed25519.Point>

/** A public key that rules 1 and 2 accept. */
export interface AcceptedKey {
  /** A copy of our own, that nobody else can write to. */
  readonly encoding: Uint8Array
  readonly point: Point
}

/** p = 2^255 - 19, the order of the field. */
const P = ed25519.Point.Fp.ORDER
/** L = 2^252 + 27742317777372353535851937790883648493, the order of the base point B. */
const L = ed25519.Point.Fn.ORDER
/** An encoding is y in 255 bits, and the sign of x in the last one. */
const Y_MASK = 2n ** 255n - 1n

/** y of (+-x, y) of order 8; the other two points of that order have -y. */
const Y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n

/**
 * y of every encoding of a point of small order, of either sign: (0, 1) of order 1, (0, -1) of order 2,
 * (+-sqrt(-1), 0) of order 4, the four of order 8, and the excess encodings of y = 0 and y = 1 as p and p +
 * 1. No other y of these has a second encoding, because 2^255 - 1 = p + 18.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, P, P + 1n, Y8, P - Y8])

const checkedKeys = new BoundedCache<AcceptedKey | undefined>(CHECKED_KEYS_MAX)

/** Rules 1 and 2, remembered; undefined when they refuse the key. */
export function acceptKey(publicKey: unknown): AcceptedKey | undefined {
  if (!isBytes(publicKey) || publicKey.length !== PUBLIC_KEY_BYTES) return undefined
  return checkedKeys.getOrCompute(bytesToHex(publicKey), () => checkKey(Uint8Array.from(publicKey)))
}

function checkKey(encoding: Uint8Array): AcceptedKey | undefined {
  const point = decodeCanonical(encoding)
  if (point === undefined || point.is0() || !point.isTorsionFree()) return undefined
  return { encoding, point }
}

function decodeCanonical(encoding: Uint8Array): Point | undefined {
  try {
    return ed25519.Point.fromBytes(encoding, false)
  } catch {
    // y >= p, the sign of zero, or no point of the curve
    return undefined
  }
}

/**
 * Whether a public key can verify anything: canonical, in the prime-order subgroup, not the identity. For
 * keys that come from outside, before they are written down as somebody's.
 */
export function isAcceptablePublicKey(publicKey: unknown): publicKey is Uint8Array {
  return acceptKey(publicKey) !== undefined
}

/** Rules 1, 3 and 4: what can be said about a signature without its key and message. */
export function isWellFormedSignature(signature: unknown): signature is Uint8Array {
  if (!isBytes(signature) || signature.length !== SIGNATURE_BYTES) return false
  return scalarOf(signature) < L && !isSmallOrderEncoding(signature.subarray(0, 32))
}

/** S of a signature of the right length. */
export function scalarOf(signature: Uint8Array): bigint {
  return bytesToNumberLE(signature.subarray(32))
}

/** Whether 32 bytes encode, canonically or not, a point whose order divides the cofactor 8. */
export function isSmallOrderEncoding(encoding: Uint8Array): boolean {
  return SMALL_ORDER_Y.has(bytesToNumberLE(encoding) & Y_MASK)
}

/** Rule 5 for one key; called only with a message and a signature that the other rules let through. */
export type Equation = Verifier

/**
 * The rule as a whole, made of a backend's way to check rule 5. Cheap checks come first: a signature that is
 * refused for its own shape costs no arithmetic on the curve, however new its key.
 */
export function ruledVerification(
  equationOf: (key: AcceptedKey) => Equation
): Pick<CryptoBackend, 'verify' | 'verifier'> {
  // Forgotten together with the checked key.
  const equations = new WeakMap<AcceptedKey, Equation>()

  function keptEquation(key: AcceptedKey): Equation {
    const kept = equations.get(key)
    if (kept !== undefined) return kept
    const equation = equationOf(key)
    equations.set(key, equation)
    return equation
  }

  return {
    verify(publicKey, message, signature) {
      if (!isMessage(message) || !isWellFormedSignature(signature)) return false
      const key = acceptKey(publicKey)
      return key !== undefined && keptEquation(key)(message, signature)
    },

    verifier(publicKey) {
      const key = acceptKey(publicKey)
      if (key === undefined) return () => false
      const equation = keptEquation(key)
      return (message, signature) =>
        isMessage(message) && isWellFormedSignature(signature) && equation(message, signature)
    }
  }
}
