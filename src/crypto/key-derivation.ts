/**
 * How much work an encrypted private key asks for before its passphrase can be tried: read from the key's own bytes,
 * which may come from anybody, and bounded. EncryptedPrivateKeyInfo (RFC 5958, section 3) with PBES2 (RFC 8018,
 * appendix A) over PBKDF2 or scrypt (RFC 7914, section 7); no other way is read.
 *
 * Strict DER: what is accepted here has one reading, so that OpenSSL finds the same numbers in it.
 */
import { sameBytes } from '../core/bytes.ts'
import { KeyFormatError } from './errors.ts'

/** The most iterations of PBKDF2: some seconds. OWASP asks for 600,000, `openssl pkcs8` makes 2,048. */
export const PBKDF2_ITERATIONS_MAX = 10_000_000

/** The most steps of scrypt, N times r times p: some seconds. Ours have 655,360. */
export const SCRYPT_STEPS_MAX = 2 ** 24

/** The most memory that OpenSSL gives to scrypt, in bytes. */
export const SCRYPT_BYTES_MAX = 2 ** 25

/** Object identifiers, DER without tag and length. */
const OID = {
  pbes2: bytes('2a864886f70d01050d'), // 1.2.840.113549.1.5.13
  pbkdf2: bytes('2a864886f70d01050c'), // 1.2.840.113549.1.5.12
  scrypt: bytes('2b06010401da47040b') // 1.3.6.1.4.1.11591.4.11
}

const TAG = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 }

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** @throws {KeyFormatError} if the work is too much, or cannot be told */
export function requireBoundedDerivation(der: Uint8Array): void {
  const whole = new Reader(der)
  const info = whole.take(TAG.sequence)
  whole.end()
  const algorithm = info.take(TAG.sequence)
  info.take(TAG.octets)
  info.end()
  if (!algorithm.takes(OID.pbes2)) throw otherWay()
  const scheme = algorithm.take(TAG.sequence)
  algorithm.end()
  const derivation = scheme.take(TAG.sequence)
  scheme.take(TAG.sequence)
  scheme.end()
  if (derivation.takes(OID.pbkdf2)) requireIterations(derivation.take(TAG.sequence))
  else if (derivation.takes(OID.scrypt)) requireSteps(derivation.take(TAG.sequence))
  else throw otherWay()
  derivation.end()
}

/** A key length and a hash function may follow; OpenSSL refuses those that do not fit the cipher. */
function requireIterations(parameters: Reader): void {
  parameters.take(TAG.octets)
  const iterations = parameters.takeInteger()
  if (iterations <= PBKDF2_ITERATIONS_MAX) return
  throw new KeyFormatError(
    `the private key asks for ${shownCount(iterations)} iterations of PBKDF2, at most ${PBKDF2_ITERATIONS_MAX} are made`
  )
}

function requireSteps(parameters: Reader): void {
  parameters.take(TAG.octets)
  const [n, r, p] = [parameters.takeInteger(), parameters.takeInteger(), parameters.takeInteger()]
  if (n * r * p <= SCRYPT_STEPS_MAX && 128 * r * (n + p) <= SCRYPT_BYTES_MAX) return
  throw new KeyFormatError(
    `the private key asks for too much of scrypt: N ${shownCount(n)}, r ${shownCount(r)}, p ${shownCount(p)}`
  )
}

const shownCount = (count: number): string => (Number.isFinite(count) ? String(count) : 'too many')

const otherWay = () =>
  new KeyFormatError(
    'the private key is protected in a way that is not read here: expected PBES2 with PBKDF2 or scrypt'
  )

const damaged = () => new KeyFormatError('the private key is damaged: not DER')

/** DER elements, one after the other. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(der: Uint8Array) {
    this.#bytes = der
  }

  /** The contents of the next element, which has that tag. */
  take(tag: number): Reader {
    return new Reader(this.#contents(tag))
  }

  /** An unsigned integer; infinite if it is larger than any that makes sense. */
  takeInteger(): number {
    const contents = this.#contents(TAG.integer)
    const [first = 0x80, second = 0x80] = contents
    // Negative, empty, or longer than needed.
    if (first >= 0x80 || (first === 0 && contents.length > 1 && second < 0x80)) throw damaged()
    if (contents.length > 6) return Number.POSITIVE_INFINITY
    return contents.reduce((value, byte) => value * 256 + byte, 0)
  }

  /** Takes the next element if it is that object identifier. */
  takes(oid: Uint8Array): boolean {
    const at = this.#at
    if (sameBytes(this.#contents(TAG.oid), oid)) return true
    this.#at = at
    return false
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw damaged()
  }

  #contents(tag: number): Uint8Array {
    if (this.#bytes[this.#at] !== tag) throw damaged()
    const [length, head] = this.#length(this.#at + 1)
    const from = this.#at + 1 + head
    if (from + length > this.#bytes.length) throw damaged()
    this.#at = from + length
    return this.#bytes.subarray(from, this.#at)
  }

  /** The length that stands there, and how many bytes it takes; a key is far below 2^16 bytes long. */
  #length(at: number): [length: number, head: number] {
    const [first = 0xff, second = 0, third = 0] = this.#bytes.subarray(at, at + 3)
    if (first < 0x80) return [first, 1]
    if (first === 0x81 && second >= 0x80) return [second, 2]
    if (first === 0x82 && second > 0) return [second * 256 + third, 3]
    throw damaged()
  }
}
