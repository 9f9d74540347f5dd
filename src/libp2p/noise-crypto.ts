/**
 * Noise with its symmetric encryption done by libsodium, where the optional package `sodium-native` is installed: the
 * same bytes on the wire, for a fraction of the CPU. Both ends choose for themselves.
 */
import type { ConnectionEncrypter } from '@libp2p/interface'
import { type ICryptoInterface, type NoiseComponents, type NoiseInit, noise } from '@libp2p/noise'
import { defaultCrypto } from '@libp2p/noise/crypto'
import { sameBytes } from '../core/bytes.ts'
import { withCheapLengths } from './noise-lengths.ts'

/** Who encrypts: libsodium, or what `@libp2p/noise` comes with. */
export type NoiseBackend = 'sodium-native' | 'default'

export interface FastNoise {
  readonly backend: NoiseBackend
  /** For `createLibp2p({ connectionEncrypters })`. */
  readonly encrypter: (components: NoiseComponents) => NamedEncrypter
}

/** An encrypter that says who encrypts. */
export interface NamedEncrypter extends ConnectionEncrypter {
  readonly backend: NoiseBackend
}

/** What a libp2p node gives its encrypters. */
export type { NoiseComponents }

/** What is used of `sodium-native`: ChaCha20-Poly1305 as RFC 8439 has it. */
export interface Sodium {
  crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    plain: Uint8Array,
    associated: Uint8Array | null,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array
  ): number
  /** @throws {Error} if it is not authentic */
  crypto_aead_chacha20poly1305_ietf_decrypt_detached(
    plain: Uint8Array,
    secretNonce: null,
    ciphertext: Uint8Array,
    tag: Uint8Array,
    associated: Uint8Array | null,
    nonce: Uint8Array,
    key: Uint8Array
  ): void
}

const PACKAGE = 'sodium-native'
const TAG_BYTES = 16

/**
 * Noise for `createLibp2p({ connectionEncrypters })`, over `sodium-native` if that is installed, and otherwise with
 * what `@libp2p/noise` comes with. A package that is there and does not work is told of once, as a warning of the
 * process, and not used.
 *
 * @param init - options of `noise()`
 * @param load - what imports the package; rejects with the code ERR_MODULE_NOT_FOUND if it is not installed
 *
 * @example
 * const { encrypter } = await fastNoise()
 * await createLibp2p({ connectionEncrypters: [encrypter] })
 */
export async function fastNoise(
  init: Omit<NoiseInit, 'crypto'> = {},
  load: () => Promise<unknown> = loadOnce
): Promise<FastNoise> {
  const crypto = await usable(load)
  const backend: NoiseBackend = crypto === undefined ? 'default' : PACKAGE
  const make = noise(crypto === undefined ? init : { ...init, crypto })
  return {
    backend,
    encrypter: (components) => Object.assign(withCheapLengths(make(components)), { backend })
  }
}

/**
 * The cryptography of Noise with its encryption replaced by libsodium's, which works in place: what is sealed is copied
 * once, to where it is sealed, and what is opened not at all. Buffers outside the heap are what makes the collector
 * run.
 */
export function sodiumCrypto(sodium: Sodium): ICryptoInterface {
  return {
    ...defaultCrypto,
    chaCha20Poly1305Encrypt(plaintext, nonce, associated, key) {
      const { byteLength } = plaintext
      // All of it is written, or this throws.
      const sealed = Buffer.allocUnsafe(byteLength + TAG_BYTES)
      const plain =
        plaintext instanceof Uint8Array ? plaintext : gather(plaintext, sealed.subarray(0, byteLength))
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, orNull(associated), null, nonce, key)
      return sealed
    },
    // `into` is the room of the ciphertext itself, or has a copy of it (@libp2p/noise 17.0.3). Had it anything else,
    // the tag would not verify.
    chaCha20Poly1305Decrypt(sealed, nonce, associated, key, into) {
      const byteLength = sealed.byteLength - TAG_BYTES
      if (byteLength < 0) throw new Error('a ciphertext that is shorter than its tag')
      const ciphertext = into ?? sealed.subarray(0, byteLength)
      const plain = into ?? new Uint8Array(byteLength)
      const [tag, ad] = [sealed.subarray(byteLength), orNull(associated)]
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt_detached(plain, null, ciphertext, tag, ad, nonce, key)
      return plain
    }
  }
}

function gather(pieces: Iterable<Uint8Array>, into: Uint8Array): Uint8Array {
  let at = 0
  for (const piece of pieces) {
    into.set(piece, at)
    at += piece.length
  }
  return into
}

/** Associated data of no bytes is none to libsodium, and is said so. */
const orNull = (associated: Uint8Array): Uint8Array | null => (associated.length === 0 ? null : associated)

let loaded: Promise<unknown> | undefined

function loadOnce(): Promise<unknown> {
  // By a variable: a bundler does not look for it, nor the compiler.
  const name: string = PACKAGE
  loaded ??= import(/* @vite-ignore */ name)
  return loaded
}

/** By who loads it: a package is told of once. */
const toldOf = new WeakSet<() => Promise<unknown>>()

async function usable(load: () => Promise<unknown>): Promise<ICryptoInterface | undefined> {
  try {
    return checked(await load())
  } catch (error) {
    if (!isNotInstalled(error) && !toldOf.has(load)) {
      toldOf.add(load)
      warn(`${PACKAGE} is installed and cannot be used, so connections cost more: ${messageOf(error)}`)
    }
    return undefined
  }
}

/** @throws {Error} unless what was loaded seals as `@libp2p/noise` does, and opens it again */
function checked(module: unknown): ICryptoInterface {
  const crypto = sodiumCrypto(asSodium(module))
  const [key, nonce, none] = [new Uint8Array(32).fill(1), new Uint8Array(12).fill(2), new Uint8Array(0)]
  const plain = new Uint8Array(100).fill(3)
  const sealed = crypto.chaCha20Poly1305Encrypt(plain, nonce, none, key).subarray()
  const expected = defaultCrypto.chaCha20Poly1305Encrypt(plain, nonce, none, key).subarray()
  if (!sameBytes(sealed, expected)) throw new Error('it does not seal as ChaCha20-Poly1305 does')
  const opened = crypto.chaCha20Poly1305Decrypt(sealed, nonce, none, key).subarray()
  if (!sameBytes(opened, plain)) throw new Error('it does not open what it has sealed')
  return crypto
}

const FUNCTIONS = [
  'crypto_aead_chacha20poly1305_ietf_encrypt',
  'crypto_aead_chacha20poly1305_ietf_decrypt_detached'
] as const

/** A CommonJS package: what it exports is the default export of the module. */
function asSodium(module: unknown): Sodium {
  const exported =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : module
  if (isSodium(exported)) return exported
  throw new Error(`it has no ${FUNCTIONS.join(' and ')}`)
}

function isSodium(value: unknown): value is Sodium {
  if (typeof value !== 'object' || value === null) return false
  return FUNCTIONS.every((name) => typeof (value as Partial<Sodium>)[name] === 'function')
}

/** Where there is no Node there are no packages either: a browser cannot resolve the name of one. */
function isNotInstalled(error: unknown): boolean {
  return globalThis.process?.versions?.node === undefined || codeOf(error) === 'ERR_MODULE_NOT_FOUND'
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ')
}

function warn(message: string): void {
  globalThis.process?.emitWarning(message, { code: 'BYZKIT_SODIUM' })
}
