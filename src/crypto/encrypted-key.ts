/**
 * Private keys under a passphrase: PKCS#8 EncryptedPrivateKeyInfo (RFC 5958, section 3) with PBES2 (RFC
 * 8018), scrypt (RFC 7914, section 7) and AES-256-CBC, which `openssl pkey` reads. For the command line
 * alone: it needs node:crypto, and is not reachable from the public entry.
 */
import { createCipheriv, createPrivateKey, type KeyObject, randomBytes, scryptSync } from 'node:crypto'
import { concatBytes } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { requireLength } from './bytes.ts'
import { SECRET_KEY_BYTES } from './ed25519-rules.ts'
import { KeyFormatError } from './errors.ts'
import { requireBoundedDerivation } from './key-derivation.ts'
import {
  decodePem,
  ENCRYPTED_LABEL,
  encodePem,
  isEncryptedPrivateKey,
  PKCS8_PREFIX,
  seedOf
} from './key-encoding.ts'

/**
 * 16 MiB of memory, five times over: counted as the equal of N = 2^17, p = 1 (OWASP, Password Storage
 * Cheat Sheet), while OpenSSL refuses to read a key whose scrypt needs more than 32 MiB.
 */
const SCRYPT = { N: 2 ** 14, r: 8, p: 5 } as const
const SALT_BYTES = 16
const IV_BYTES = 16
const CIPHER_KEY_BYTES = 32

/** The longest passphrase that OpenSSL reads, in bytes of UTF-8. */
export const PASSPHRASE_MAX_BYTES = 1024

// Object identifiers, in DER.
const PBES2 = oid('2a864886f70d01050d') // 1.2.840.113549.1.5.13
const ID_SCRYPT = oid('2b06010401da47040b') // 1.3.6.1.4.1.11591.4.11
const AES_256_CBC = oid('60864801650304012a') // 2.16.840.1.101.3.4.1.42

function oid(hex: string): Uint8Array {
  return tlv(0x06, Buffer.from(hex, 'hex'))
}

/** One DER element: tag, length, contents. */
function tlv(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents)
  // 0x81 announces one byte of length; nothing in a key of 32 bytes comes near 256.
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length]
  return concatBytes(Uint8Array.of(tag, ...length), body)
}

const sequence = (...elements: Uint8Array[]): Uint8Array => tlv(0x30, ...elements)
const octets = (bytes: Uint8Array): Uint8Array => tlv(0x04, bytes)

/** INTEGER of 0 <= value < 2^15. */
const integer = (value: number): Uint8Array =>
  tlv(0x02, value < 0x80 ? Uint8Array.of(value) : Uint8Array.of(value >> 8, value & 0xff))

/**
 * The seed as a PEM private key that only the passphrase opens, with a fresh salt and vector each time. It
 * takes a fraction of a second, on purpose.
 *
 * @throws {InvalidParametersError} if the passphrase is empty or longer than {@link PASSPHRASE_MAX_BYTES}
 */
export function encryptPrivateKey(seed: Uint8Array, passphrase: string): string {
  requireLength('the seed', seed, SECRET_KEY_BYTES)
  const passphraseBytes = Buffer.byteLength(passphrase)
  if (passphraseBytes === 0 || passphraseBytes > PASSPHRASE_MAX_BYTES) {
    throw new InvalidParametersError(
      `a passphrase has 1 to ${PASSPHRASE_MAX_BYTES} bytes, not ${passphraseBytes}`
    )
  }
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  const { N, r, p } = SCRYPT
  const key = scryptSync(passphrase, salt, CIPHER_KEY_BYTES, { N, r, p, maxmem: 2 ** 25 })
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const ciphertext = concatBytes(cipher.update(concatBytes(PKCS8_PREFIX, seed)), cipher.final())
  const derivation = sequence(ID_SCRYPT, sequence(octets(salt), integer(N), integer(r), integer(p)))
  const algorithm = sequence(PBES2, sequence(derivation, sequence(AES_256_CBC, octets(iv))))
  return encodePem(ENCRYPTED_LABEL, sequence(algorithm, octets(ciphertext)))
}

/**
 * The seed of a PEM private key under a passphrase, ours or one that OpenSSL protected in another way.
 *
 * @throws {KeyFormatError} if the passphrase is wrong, the text is not such a key, or it asks for more work than is
 *   bounded by key-derivation.ts
 */
export function decryptPrivateKey(pem: string, passphrase: string): Uint8Array {
  if (!isEncryptedPrivateKey(pem))
    throw new KeyFormatError('the private key is not protected by a passphrase')
  const der = decodePem(ENCRYPTED_LABEL, pem)
  requireBoundedDerivation(der)
  return seedOf(open(der, passphrase).export({ format: 'der', type: 'pkcs8' }))
}

/** OpenSSL is given the bytes that were looked at, and not the text, in which it might find others. */
function open(der: Uint8Array, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8', passphrase })
  } catch {
    throw new KeyFormatError('the private key does not open: a wrong passphrase, or a damaged file')
  }
}
