/**
 * The cryptography that byzkit stands on: Ed25519 (RFC 8032), HMAC-SHA256 (RFC 2104) and SHA-256
 * (FIPS 180-4), behind one interface with two implementations. Everything is synchronous, takes and gives
 * `Uint8Array`, and never keeps a reference to an argument.
 *
 * Two kinds of input are told apart everywhere. What comes from outside (public keys, messages, signatures
 * and tags to be verified) may be anything at all: the verdict is `false`, never a throw. What the local
 * caller vouches for (a seed, a MAC key, a message to be signed) must be right: if it is not,
 * `InvalidParametersError` says why.
 */

/** Says whether `signature` is a valid one of `message` under the one public key that it was made for. */
export type Verifier = (message: Uint8Array, signature: Uint8Array) => boolean

/** Signs with the one secret key that it was made for; 64 bytes. */
export type Signer = (message: Uint8Array) => Uint8Array

/** An HMAC-SHA256 key, kept in the form in which the backend is fastest. */
export interface HmacKey {
  /** HMAC-SHA256 of the message, 32 bytes. */
  tag(message: Uint8Array): Uint8Array
  /** Compares in constant time; false for a tag that is not exactly 32 bytes, or for no bytes at all. */
  verify(message: Uint8Array, tag: Uint8Array): boolean
}

export interface CryptoBackend {
  /** For people: `node` or `noble`. */
  readonly name: string

  /** The 32-byte Ed25519 public key of a 32-byte seed (RFC 8032, section 5.1.5). */
  publicKey(secretKey: Uint8Array): Uint8Array

  /**
   * Ed25519 signature, 64 bytes, deterministic (RFC 8032, section 5.1.6). It takes the seed alone, and
   * derives the public key itself: a signer that hashes a public key given by its caller can be made to
   * reveal its secret scalar by giving it two different ones.
   */
  sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array

  /** The verdict of the one rule of `ed25519-rules.ts`, the same in every backend for every input. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean

  /** HMAC-SHA256, 32 bytes, of a key of any length. */
  hmac(key: Uint8Array, message: Uint8Array): Uint8Array

  /** SHA-256, 32 bytes. */
  sha256(message: Uint8Array): Uint8Array

  /** As `sign`, for a key that is used more than once. */
  signer(secretKey: Uint8Array): Signer

  /** As `verify`, for a key that is used more than once. A key that is not acceptable verifies nothing. */
  verifier(publicKey: Uint8Array): Verifier

  /** As `hmac`, for a key that is used more than once. */
  hmacKey(key: Uint8Array): HmacKey
}
