/** libsodium in Noise: the same bytes as the cryptography that Noise comes with, both ways, and nothing without it. */
import { noise } from '@libp2p/noise'
import { defaultCrypto } from '@libp2p/noise/crypto'
import { createLibp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { concatBytes, sameBytes } from '../../src/core/bytes.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { createClient } from '../../src/libp2p/byzantine-client.ts'
import { toPrivateKey } from '../../src/libp2p/identity.ts'
import { fastNoise, type Sodium, sodiumCrypto } from '../../src/libp2p/noise-crypto.ts'
import { type Encrypter, nodeWith } from './noise-support.ts'
import { found, serviceOf, startGroup } from './service-support.ts'
import { testRandom } from './transport-support.ts'

const PACKAGE: string = 'sodium-native'
const { default: sodium }: { default: Sodium } = await import(PACKAGE)
const fast = sodiumCrypto(sodium)
const random = testRandom()

/** Around nothing, where the default changes its implementation, and the longest that a Noise message takes. */
const SIZES = [0, 1, 15, 16, 17, 63, 64, 65, 1183, 1184, 1185, 1199, 1200, 1201, 4096, 65_518, 65_519]

const NONE = new Uint8Array(0)
const associates = [NONE, random.bytes(32)]

/** The same bytes in pieces, as they come out of a stream. */
function pieces(bytes: Uint8Array): Uint8ArrayList {
  const cut = bytes.length >> 1
  return new Uint8ArrayList(bytes.subarray(0, 1), bytes.subarray(1, cut), bytes.subarray(Math.max(1, cut)))
}

describe('what libsodium seals', () => {
  test.each(SIZES)('of %i bytes is what the default seals, byte for byte', (size) => {
    const [key, nonce, plain] = [random.bytes(32), random.bytes(12), random.bytes(size)]
    for (const ad of associates) {
      const expected = defaultCrypto.chaCha20Poly1305Encrypt(plain, nonce, ad, key).subarray()
      for (const form of [plain, pieces(plain), new Uint8ArrayList(plain)]) {
        const sealed = fast.chaCha20Poly1305Encrypt(form, nonce, ad, key).subarray()
        expect(sameBytes(sealed, expected)).toBe(true)
      }
    }
  })

  test.each(SIZES)('of %i bytes opens with the default, and the reverse', (size) => {
    const [key, nonce, plain] = [random.bytes(32), random.bytes(12), random.bytes(size)]
    for (const ad of associates) {
      for (const [sealer, opener] of [[fast, defaultCrypto] as const, [defaultCrypto, fast] as const]) {
        const sealed = sealer.chaCha20Poly1305Encrypt(plain, nonce, ad, key).subarray()
        // Copies: a Buffer's slice is a view.
        for (const form of [new Uint8Array(sealed), pieces(new Uint8Array(sealed))]) {
          const opened = opener.chaCha20Poly1305Decrypt(form, nonce, ad, key).subarray()
          expect(sameBytes(opened, plain)).toBe(true)
          // With room for it as @libp2p/noise gives it, of the ciphertext itself.
          const room = form.subarray(0, size)
          const again = opener.chaCha20Poly1305Decrypt(form, nonce, ad, key, room).subarray()
          expect(sameBytes(again, plain)).toBe(true)
        }
      }
    }
  })

  test('does not change what is sealed, nor what is opened without room for it', () => {
    const [key, nonce, plain] = [random.bytes(32), random.bytes(12), random.bytes(100)]
    const kept = plain.slice()
    // A Buffer's slice is a view, which must not be opened in place.
    const sealed = Buffer.from(fast.chaCha20Poly1305Encrypt(plain, nonce, NONE, key).subarray())
    const ciphertext = new Uint8Array(sealed)
    fast.chaCha20Poly1305Decrypt(sealed, nonce, NONE, key)
    expect(sameBytes(plain, kept)).toBe(true)
    expect(sameBytes(sealed, ciphertext)).toBe(true)
  })
})

describe('what was tampered with', () => {
  const implementations = [['libsodium', fast] as const, ['the default', defaultCrypto] as const]
  const [key, nonce, ad] = [random.bytes(32), random.bytes(12), random.bytes(32)]

  test.each(implementations)('is refused by %s, wherever a bit is changed', (_, crypto) => {
    for (const size of [0, 100, 1300]) {
      const sealed = new Uint8Array(
        fast.chaCha20Poly1305Encrypt(random.bytes(size), nonce, ad, key).subarray()
      )
      const opens =
        (bytes: Uint8Array, n = nonce, a = ad, k = key) =>
        () =>
          crypto.chaCha20Poly1305Decrypt(bytes, n, a, k, bytes.slice(0, -16))
      expect(opens(sealed.slice())).not.toThrow()
      for (const at of new Set([0, size >> 1, size, size + 15])) {
        const changed = sealed.slice()
        changed[at] = changed[at]! ^ 1
        expect(opens(changed)).toThrow()
      }
      expect(opens(sealed.slice(0, -1))).toThrow()
      expect(opens(concatBytes(sealed, Uint8Array.of(0)))).toThrow()
      expect(opens(sealed.slice(), random.bytes(12))).toThrow()
      expect(opens(sealed.slice(), nonce, random.bytes(32))).toThrow()
      expect(opens(sealed.slice(), nonce, NONE)).toThrow()
      expect(opens(sealed.slice(), nonce, ad, random.bytes(32))).toThrow()
    }
  })

  test('is refused in words if it is shorter than a tag', () => {
    for (const size of [0, 1, 15]) {
      const opening = () => fast.chaCha20Poly1305Decrypt(random.bytes(size), nonce, NONE, key)
      expect(opening).toThrow('a ciphertext that is shorter than its tag')
    }
  })
})

/** Sends each message and has it sent back: everything goes both ways, through both ends. */
async function echoed(from: Encrypter, to: Encrypter, messages: readonly Uint8Array[]): Promise<Uint8Array> {
  const [dialler, listener] = [await nodeWith(from), await nodeWith(to)]
  await listener.handle('/echo', (stream) => {
    stream.addEventListener('message', ({ data }) => {
      stream.send(data.slice())
    })
  })
  const stream = await dialler.dialProtocol(listener.getMultiaddrs(), '/echo')
  const total = messages.reduce((sum, { length }) => sum + length, 0)
  const received: Uint8Array[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  stream.addEventListener('message', ({ data }) => {
    received.push(data.slice())
    if (received.reduce((sum, { length }) => sum + length, 0) >= total) resolve()
  })
  for (const message of messages) stream.send(message)
  await promise
  return concatBytes(...received)
}

describe('two nodes', () => {
  const messages = [1, 100, 1150, 1180, 1200, 4096, 65_507, 65_508, 100_000].map((size) => random.bytes(size))
  const sent = concatBytes(...messages)
  const absent = () => Promise.reject(notFound)

  test('understand each other, whichever of them has libsodium', async () => {
    const [withIt, without] = [await fastNoise(), await fastNoise({}, absent)]
    expect([withIt.backend, without.backend]).toEqual(['sodium-native', 'default'])
    const ways = [
      [withIt.encrypter, without.encrypter],
      [without.encrypter, withIt.encrypter],
      [withIt.encrypter, withIt.encrypter],
      [withIt.encrypter, noise()],
      [noise(), withIt.encrypter]
    ] as const
    for (const [from, to] of ways) expect(sameBytes(await echoed(from, to, messages), sent)).toBe(true)
  })
})

const notFound = Object.assign(new Error("Cannot find package 'sodium-native'"), {
  code: 'ERR_MODULE_NOT_FOUND'
})

describe('the optional package', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  async function loaded(load: () => Promise<unknown>) {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { backend } = await fastNoise({}, load)
    // Each load is told of once.
    expect((await fastNoise({}, load)).backend).toBe(backend)
    // What others of this process are warned of meanwhile is theirs.
    const warnings = warned.mock.calls.map(([warning]) => String(warning))
    return { backend, warnings: warnings.filter((warning) => warning.includes('sodium-native')) }
  }

  test('is used where it is installed', async () => {
    expect(await loaded(() => import(PACKAGE))).toEqual({ backend: 'sodium-native', warnings: [] })
  })

  test('is not missed where it is not', async () => {
    expect(await loaded(() => Promise.reject(notFound))).toEqual({ backend: 'default', warnings: [] })
  })

  test.each([
    [
      'cannot be loaded',
      () => Promise.reject(new Error('no prebuild\nfor this platform')),
      'no prebuild for this platform'
    ],
    [
      'lacks what is used',
      async () => ({ default: {} }),
      'it has no crypto_aead_chacha20poly1305_ietf_encrypt and'
    ],
    [
      'seals something else',
      async () => ({ ...sodium, ...sealsNothing }),
      'it does not seal as ChaCha20-Poly1305 does'
    ],
    [
      'does not open it again',
      async () => ({ ...sodium, ...opensNothing }),
      'it does not open what it has sealed'
    ]
  ])('that %s is told of once, and not used', async (_, load, why) => {
    const { backend, warnings } = await loaded(load)
    expect(backend).toBe('default')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(
      `sodium-native is installed and cannot be used, so connections cost more: ${why}`
    )
  })
})

const sealsNothing = { crypto_aead_chacha20poly1305_ietf_encrypt: () => 0 }
const opensNothing = { crypto_aead_chacha20poly1305_ietf_decrypt_detached() {} }

describe('the status', () => {
  const libsodium = [{ protocol: '/noise', backend: 'sodium-native' }]

  test('of a member and of a client says that libsodium encrypts', async () => {
    const founded = await found(4)
    const [member] = await startGroup(founded, () => ({ registers: false, start: false }))
    expect(serviceOf(member!).status().encryption).toEqual(libsodium)
    const key = random.bytes(32)
    const group = { ...founded.group, clients: [defaultBackend.publicKey(key)] }
    const client = await createClient({ group, key, start: false })
    expect(client.services.byzantine.status().encryption).toEqual(libsodium)
  })

  test("of a node of one's own says what it has, as far as that says so", async () => {
    const founded = await found(4)
    const encryptionWith = async (encrypters: readonly Encrypter[]) => {
      const made = await createLibp2p({
        start: false,
        privateKey: toPrivateKey(founded.seeds[0]!),
        connectionEncrypters: [...encrypters],
        services: { byzantine: byzantine({ group: founded.group }) }
      })
      return made.services.byzantine.status().encryption
    }
    expect(await encryptionWith([noise()])).toEqual([{ protocol: '/noise', backend: null }])
    const without = await fastNoise({}, () => Promise.reject(notFound))
    expect(await encryptionWith([without.encrypter])).toEqual([{ protocol: '/noise', backend: 'default' }])
  })
})
