/**
 * `byzkit/crypto`: Ed25519, HMAC-SHA256 and SHA-256 in two backends that give the same verdict on every
 * input, agreement on keys between identities, and private keys as PEM. Runs in Node and in browsers.
 *
 * Not promised: noble computes with JavaScript's big integers, whose time depends on their values; where
 * somebody can time a signer precisely, use the native backend.
 *
 * @module byzkit/crypto
 */
import './supported-node.ts'

import { nodeBackend } from '#node-backend'
import type { CryptoBackend } from './backend.ts'
import { nobleBackend } from './noble-backend.ts'

/** The native backend where it exists, the portable one elsewhere. */
export const defaultBackend: CryptoBackend = nodeBackend ?? nobleBackend

export { InvalidParametersError } from '../core/errors.ts'
export type { CryptoBackend, HmacKey, Signer, Verifier } from './backend.ts'
export { equalBytes } from './bytes.ts'
export {
  isAcceptablePublicKey,
  PUBLIC_KEY_BYTES,
  SECRET_KEY_BYTES,
  SIGNATURE_BYTES
} from './ed25519-rules.ts'
export { KeyAgreementError, KeyFormatError } from './errors.ts'
export { generatePrivateKey, publicKeyOf } from './founding.ts'
export {
  HKDF_OUTPUT_MAX_BYTES,
  hkdf,
  sharedSecret,
  x25519,
  x25519PublicKey,
  x25519SecretKey
} from './key-agreement.ts'
export { decodePrivateKey, encodePrivateKey, isEncryptedPrivateKey } from './key-encoding.ts'
export { nobleBackend, nodeBackend }
