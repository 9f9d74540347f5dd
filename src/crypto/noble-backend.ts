/** The backend that runs everywhere, browsers included: @noble/curves and @noble/hashes. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import type { CryptoBackend, HmacKey, Signer } from './backend.ts'
import { equalBytes, isMessage, requireLength, requireMessage } from './bytes.ts'
import type { AcceptedKey, Equation } from './ed25519-rules.ts'
import { ruledVerification, SECRET_KEY_BYTES, scalarOf } from './ed25519-rules.ts'

const { Point } = ed25519

/**
 * encode(S*B - k*A) = encode(R) by point arithmetic: noble's own `verify` multiplies by the cofactor in every
 * one of its modes, and would accept what OpenSSL refuses. Nothing here is secret, so the variable-time
 * multiplications do.
 */
function equationOf({ encoding, point }: AcceptedKey): Equation {
  return (message, signature) => {
    const R = signature.subarray(0, 32)
    const digest = sha512.create().update(R).update(encoding).update(message).digest()
    const k = Point.Fn.create(bytesToNumberLE(digest))
    const SB = Point.BASE.multiplyUnsafe(scalarOf(signature))
    return equalBytes(SB.subtract(point.multiplyUnsafe(k)).toBytes(), R)
  }
}

function signer(secretKey: Uint8Array): Signer {
  requireLength('the secret key', secretKey, SECRET_KEY_BYTES)
  const seed = Uint8Array.from(secretKey)
  return (message) => {
    requireMessage('the message', message)
    return ed25519.sign(message, seed)
  }
}

function hmacKey(key: Uint8Array): HmacKey {
  requireMessage('the MAC key', key)
  // The state after the padded key: each tag starts from a copy, and saves two of its compressions.
  const keyed = hmac.create(sha256, key)
  function tag(message: Uint8Array): Uint8Array {
    requireMessage('the message', message)
    return keyed.clone().update(message).digest()
  }
  return { tag, verify: (message, claimed) => isMessage(message) && equalBytes(tag(message), claimed) }
}

export const nobleBackend: CryptoBackend = {
  name: 'noble',

  publicKey(secretKey) {
    requireLength('the secret key', secretKey, SECRET_KEY_BYTES)
    return ed25519.getPublicKey(secretKey)
  },

  sign: (secretKey, message) => signer(secretKey)(message),
  signer,

  ...ruledVerification(equationOf),

  hmac: (key, message) => hmacKey(key).tag(message),
  hmacKey,

  sha256(message) {
    requireMessage('the message', message)
    return sha256(message)
  }
}
