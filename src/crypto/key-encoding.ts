/**
 * An Ed25519 seed as text: PKCS#8 (RFC 5958, RFC 8410 section 7) in PEM (RFC 7468), the file that `openssl
 * genpkey -algorithm ed25519` writes. There is exactly one spelling of each key, and no other is read.
 */
import { concatBytes, sameBytes } from '../core/bytes.ts'
import { requireLength } from './bytes.ts'
import { SECRET_KEY_BYTES } from './ed25519-rules.ts'
import { KeyFormatError } from './errors.ts'

/**
 * PrivateKeyInfo of an Ed25519 key, before its 32 bytes: SEQUENCE { version 0, SEQUENCE { id-Ed25519 },
 * OCTET STRING { OCTET STRING { seed } } }.
 */
export const PKCS8_PREFIX = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20
])

const LABEL = 'PRIVATE KEY'
export const ENCRYPTED_LABEL = 'ENCRYPTED PRIVATE KEY'

/** The characters of a line of PEM (RFC 7468, section 2). */
const LINE_LENGTH = 64

/** The longest text that is looked at, in characters; ours have 119, and protected ones some 420. */
const PEM_MAX_CHARACTERS = 8192

/** PEM of the bytes under a label. */
export function encodePem(label: string, der: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...der))
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/**
 * The bytes of a PEM text, which holds nothing else. Lines may end in either way, and white space may follow the last
 * one.
 *
 * @throws {KeyFormatError}
 */
export function decodePem(label: string, pem: string): Uint8Array {
  const lines = pem.replaceAll('\r\n', '\n').trimEnd().split('\n')
  if (lines[0] !== `-----BEGIN ${label}-----` || lines.at(-1) !== `-----END ${label}-----`)
    throw new KeyFormatError('the PEM private key is damaged: it does not end as it begins')
  return decodeBase64(lines.slice(1, -1).join(''))
}

/** The seed as an unprotected PEM private key; see `encrypted-key.ts` for one with a passphrase. */
export function encodePrivateKey(seed: Uint8Array): string {
  requireLength('the seed', seed, SECRET_KEY_BYTES)
  return encodePem(LABEL, concatBytes(PKCS8_PREFIX, seed))
}

/**
 * The seed of an unprotected PEM private key. Lines may end in either way, and white space may follow the
 * last one; everything else must be exactly as {@link encodePrivateKey} writes it.
 *
 * @throws {KeyFormatError} that says in one line what the text is instead
 */
export function decodePrivateKey(pem: string): Uint8Array {
  const label = pemLabel(pem)
  if (label === ENCRYPTED_LABEL) throw new KeyFormatError('the private key is protected by a passphrase')
  if (label !== LABEL) throw new KeyFormatError(`expected a PEM "${LABEL}", found a "${label}"`)
  const text = `${pem.replaceAll('\r\n', '\n').trimEnd()}\n`
  const seed = seedOf(decodeBase64(text.split('\n').slice(1, -2).join('')))
  // What is lenient above (white space, padding, the end line, text after it) is settled by the round trip.
  if (encodePrivateKey(seed) !== text)
    throw new KeyFormatError('the PEM private key is damaged or has additions')
  return seed
}

/** Whether the text is a private key that is protected by a passphrase. */
export function isEncryptedPrivateKey(pem: string): boolean {
  return pemLabel(pem) === ENCRYPTED_LABEL
}

/** @throws {KeyFormatError} if the text does not begin as PEM does */
function pemLabel(pem: string): string {
  const short = typeof pem === 'string' && pem.length <= PEM_MAX_CHARACTERS
  const label = short ? /^-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n/.exec(pem)?.[1] : undefined
  if (label === undefined) throw new KeyFormatError(`not a PEM file: it must begin -----BEGIN ${LABEL}-----`)
  return label
}

/** The seed in a PrivateKeyInfo. */
export function seedOf(der: Uint8Array): Uint8Array {
  const length = PKCS8_PREFIX.length
  if (der.length !== length + SECRET_KEY_BYTES || !sameBytes(der.subarray(0, length), PKCS8_PREFIX)) {
    throw new KeyFormatError('the private key is not an Ed25519 key in PKCS#8 version 1')
  }
  return Uint8Array.from(der.subarray(length))
}

function decodeBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    throw new KeyFormatError('the PEM private key is damaged: its body is not base64')
  }
}
