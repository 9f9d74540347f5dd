/**
 * A secret that two identities share without a message: X25519 (RFC 7748) between their Ed25519 keys, each
 * mapped to the birationally equivalent Montgomery curve. One key pair for both uses is sound when, as here,
 * the two hash different things (E. Thormarker, "On using the same key pair for Ed25519 and an X25519 based
 * KEM", ePrint 2021/509), and it lets any two members, or a member and a client, have a MAC key as soon as
 * they know each other's public keys.
 *
 * The shared secret is not a key yet. Pass it through {@link hkdf}, with everything in `info` that tells one
 * key from another: group, direction, session.
 *
 * Both computations happen once per peer, so they exist once, in noble.
 */
import { x25519 as curve, ed25519 } from '@noble/curves/ed25519.js'
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { InvalidParametersError } from '../core/errors.ts'
import { requireLength, requireMessage } from './bytes.ts'
import { isAcceptablePublicKey, SECRET_KEY_BYTES } from './ed25519-rules.ts'
import { KeyAgreementError } from './errors.ts'

/** Length of a secret, public or shared key of X25519, in bytes. */
const X25519_BYTES = 32

/** HKDF-SHA256 gives at most 255 blocks of 32 bytes (RFC 5869, section 2.3). */
export const HKDF_OUTPUT_MAX_BYTES = 255 * 32

/**
 * X25519 (RFC 7748, section 5) of a secret and a public key.
 *
 * @throws {KeyAgreementError} if the result is all zero, which a public key of small order gives to everybody
 */
export function x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  requireLength('the X25519 secret key', secretKey, X25519_BYTES)
  requireLength('the X25519 public key', publicKey, X25519_BYTES)
  try {
    return curve.getSharedSecret(secretKey, publicKey)
  } catch {
    // The lengths are right, so noble's one reason left is the zero result (RFC 7748, section 6.1).
    throw new KeyAgreementError('the X25519 public key has small order: everybody would share this secret')
  }
}

/** The X25519 secret key of an Ed25519 seed: the scalar with which it signs (RFC 8032, section 5.1.5). */
export function x25519SecretKey(seed: Uint8Array): Uint8Array {
  requireLength('the seed', seed, SECRET_KEY_BYTES)
  return ed25519.utils.toMontgomerySecret(seed)
}

/**
 * The X25519 public key of an Ed25519 one: u = (1 + y) / (1 - y) (RFC 7748, section 4.1).
 *
 * @throws {KeyAgreementError} if no signature could be verified with the key either
 */
export function x25519PublicKey(publicKey: Uint8Array): Uint8Array {
  if (isAcceptablePublicKey(publicKey)) return ed25519.utils.toMontgomery(publicKey)
  throw new KeyAgreementError("the peer's public key is not a canonical Ed25519 key of prime order")
}

/**
 * The 32-byte secret between the owner of `seed` and the owner of `peerPublicKey`; each computes the same.
 * Ask {@link isAcceptablePublicKey} first about a key that a stranger brought.
 *
 * @throws {KeyAgreementError} if the public key is not acceptable
 *
 * @example
 * ```ts
 * const ours = sharedSecret(alice, defaultBackend.publicKey(bob))
 * const theirs = sharedSecret(bob, defaultBackend.publicKey(alice))
 * equalBytes(ours, theirs) // true
 * ```
 */
export function sharedSecret(seed: Uint8Array, peerPublicKey: Uint8Array): Uint8Array {
  return x25519(x25519SecretKey(seed), x25519PublicKey(peerPublicKey))
}

/**
 * HKDF-SHA256 (RFC 5869): `length` bytes of key, bound to `info`. An empty salt is the same as none.
 *
 * @throws {InvalidParametersError} unless 0 < length <= {@link HKDF_OUTPUT_MAX_BYTES}
 */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  requireMessage('the secret', secret)
  requireMessage('the salt', salt)
  requireMessage('the info', info)
  if (!Number.isInteger(length) || length <= 0 || length > HKDF_OUTPUT_MAX_BYTES) {
    throw new InvalidParametersError(
      `length must be an integer in 1..${HKDF_OUTPUT_MAX_BYTES}, not ${length}`
    )
  }
  return nobleHkdf(sha256, secret, salt, info, length)
}
