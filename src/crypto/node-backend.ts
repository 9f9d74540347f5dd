/**
 * The native backend: node:crypto, which is OpenSSL, some tenfold faster than the portable one. Reached only
 * as `#node-backend`, so that a bundler for browsers takes `node-backend.browser.ts` in its place.
 *
 * Keys are kept as key objects: making one from bytes costs more than the HMAC that follows it.
 */
import * as crypto from 'node:crypto'
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign,
  verify
} from 'node:crypto'
import { concatBytes } from '../core/bytes.ts'
import type { CryptoBackend, HmacKey, Signer } from './backend.ts'
import { equalBytes, isMessage, requireLength, requireMessage } from './bytes.ts'
import type { AcceptedKey, Equation } from './ed25519-rules.ts'
import { PUBLIC_KEY_BYTES, ruledVerification, SECRET_KEY_BYTES } from './ed25519-rules.ts'
import { PKCS8_PREFIX } from './key-encoding.ts'

/** By name it could not be imported where Node is too old to have it, and too old to go on (supported-node.ts). */
const { hash } = crypto

/** SubjectPublicKeyInfo of an Ed25519 key, before its 32 bytes (RFC 8410, section 4). */
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

/** A Buffer is a view of memory that may be shared, and its `slice` does not copy: hand out neither. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer)

function privateKeyObject(secretKey: Uint8Array): KeyObject {
  requireLength('the secret key', secretKey, SECRET_KEY_BYTES)
  const der = Buffer.from(concatBytes(PKCS8_PREFIX, secretKey))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/** OpenSSL compares encode(S*B - k*A) with R byte for byte; all that it leaves open is settled before. */
function equationOf({ encoding }: AcceptedKey): Equation {
  const der = Buffer.from(concatBytes(SPKI_PREFIX, encoding))
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return (message, signature) => verify(null, message, key, signature)
}

function signer(secretKey: Uint8Array): Signer {
  const key = privateKeyObject(secretKey)
  return (message) => {
    requireMessage('the message', message)
    return plain(sign(null, message, key))
  }
}

/** SHA-256 works on blocks of so many bytes. */
const BLOCK_BYTES = 64
const DIGEST_BYTES = 32

/**
 * By way of a text with a character for each byte: a Buffer has its bytes outside the heap, and making one takes twice
 * as long as to hash a short message.
 */
function sha256(message: Uint8Array): Uint8Array {
  const text = hash('sha256', message, 'binary')
  const digest = new Uint8Array(DIGEST_BYTES)
  for (let at = 0; at < DIGEST_BYTES; at++) digest[at] = text.charCodeAt(at)
  return digest
}

/** Longer messages are rare, and copying them costs more than it saves. */
const COPIED_MESSAGE_BYTES_MAX = 128 * 1024

/**
 * HMAC as RFC 2104 writes it, H(K xor opad, H(K xor ipad, message)), of two hashes at once: `createHmac` makes three
 * objects for the collector each time, which costs a short message several times its hashing.
 */
function hmacKey(key: Uint8Array): HmacKey {
  requireMessage('the MAC key', key)
  const block = new Uint8Array(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key)
  const innerKey = block.map((byte) => byte ^ 0x36)
  const outer = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES)
  outer.set(block.map((byte) => byte ^ 0x5c))
  const keyObject = createSecretKey(key)
  /** The inner hash's input: the key, and room for a message. */
  let inner = innerKey
  function digest(message: Uint8Array): Uint8Array {
    if (message.length > COPIED_MESSAGE_BYTES_MAX)
      return plain(createHmac('sha256', keyObject).update(message).digest())
    const bytes = BLOCK_BYTES + message.length
    if (inner.length < bytes) {
      inner = new Uint8Array(BLOCK_BYTES + Math.min(2 * message.length, COPIED_MESSAGE_BYTES_MAX))
      inner.set(innerKey)
    }
    inner.set(message, BLOCK_BYTES)
    outer.set(sha256(inner.subarray(0, bytes)), BLOCK_BYTES)
    return sha256(outer)
  }
  return {
    tag(message) {
      requireMessage('the message', message)
      return digest(message)
    },
    verify: (message, claimed) => isMessage(message) && equalBytes(digest(message), claimed)
  }
}

/** The native backend; undefined where there is none. */
export const nodeBackend: CryptoBackend | undefined = {
  name: 'node',

  publicKey(secretKey) {
    const spki = createPublicKey(privateKeyObject(secretKey)).export({ format: 'der', type: 'spki' })
    return plain(spki.subarray(-PUBLIC_KEY_BYTES))
  },

  sign: (secretKey, message) => signer(secretKey)(message),
  signer,

  ...ruledVerification(equationOf),

  hmac(key, message) {
    requireMessage('the MAC key', key)
    requireMessage('the message', message)
    return plain(createHmac('sha256', key).update(message).digest())
  },
  hmacKey,

  sha256(message) {
    requireMessage('the message', message)
    return sha256(message)
  }
}
