import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { hkdf, x25519 } from '../../src/crypto/index.ts'
import { RFC_8032 } from './rfc8032.ts'
import { backends, bytes, counting, expectVerdict } from './support.ts'

const repeated = (byte: number, length: number) => new Uint8Array(length).fill(byte)

/** RFC 4231, section 4; case 5 gives only the first 16 bytes of its tag. */
const RFC_4231: [name: string, key: Uint8Array, message: Uint8Array, tag: string][] = [
  [
    '4.2, test case 1',
    repeated(0x0b, 20),
    utf8('Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'
  ],
  [
    '4.3, test case 2, with a key shorter than the output',
    utf8('Jefe'),
    utf8('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  ],
  [
    '4.4, test case 3',
    repeated(0xaa, 20),
    repeated(0xdd, 50),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'
  ],
  [
    '4.5, test case 4',
    counting(25, 1),
    repeated(0xcd, 50),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'
  ],
  [
    '4.6, test case 5, truncated to 128 bits',
    repeated(0x0c, 20),
    utf8('Test With Truncation'),
    'a3b6167473100ee06e0c796c2955552b'
  ],
  [
    '4.7, test case 6, with a key longer than the block',
    repeated(0xaa, 131),
    utf8('Test Using Larger Than Block-Size Key - Hash Key First'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'
  ],
  [
    '4.8, test case 7, with key and data longer than the block',
    repeated(0xaa, 131),
    utf8(
      'This is a test using a larger than block-size key and a larger than block-size data. ' +
        'The key needs to be hashed before being used by the HMAC algorithm.'
    ),
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'
  ]
]

/** RFC 5869, appendix A, the cases of SHA-256. */
const RFC_5869: [name: string, secret: Uint8Array, salt: Uint8Array, info: Uint8Array, okm: string][] = [
  [
    'A.1, basic',
    repeated(0x0b, 22),
    counting(13),
    counting(10, 0xf0),
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865'
  ],
  [
    'A.2, longer inputs and outputs',
    counting(80),
    counting(80, 0x60),
    counting(80, 0xb0),
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
      'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87'
  ],
  [
    'A.3, empty salt and info',
    repeated(0x0b, 22),
    new Uint8Array(),
    new Uint8Array(),
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
  ]
]

describe.each(backends)('$name', (backend) => {
  test.each(RFC_8032)('Ed25519: RFC 8032, 7.1, $name', (vector) => {
    const [seed, message] = [bytes(vector.seed), bytes(vector.message)]
    expect(toHex(backend.publicKey(seed))).toBe(vector.publicKey)
    expect(toHex(backend.sign(seed, message))).toBe(vector.signature)
    expect(toHex(backend.signer(seed)(message))).toBe(vector.signature)
    expectVerdict(true, {
      publicKey: bytes(vector.publicKey),
      message,
      signature: bytes(vector.signature)
    })
  })

  test.each(RFC_4231)('HMAC-SHA256: RFC 4231, %s', (_, key, message, tag) => {
    expect(toHex(backend.hmac(key, message)).slice(0, tag.length)).toBe(tag)
    expect(toHex(backend.hmacKey(key).tag(message)).slice(0, tag.length)).toBe(tag)
  })

  test('SHA-256: FIPS 180-4, of "abc" and of nothing', () => {
    expect(toHex(backend.sha256(utf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    )
    expect(toHex(backend.sha256(new Uint8Array()))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    )
  })
})

test.each(RFC_5869)('HKDF-SHA256: RFC 5869, %s', (_, secret, salt, info, okm) => {
  expect(toHex(hkdf(secret, salt, info, okm.length / 2))).toBe(okm)
})

describe('X25519: RFC 7748', () => {
  test.each([
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957'
    ]
  ])('5.2, scalar %s', (scalar, u, expected) => {
    expect(toHex(x25519(bytes(scalar), bytes(u)))).toBe(expected)
  })

  test('5.2, after 1 and after 1,000 iterations', () => {
    let k: Uint8Array = bytes('09'.padEnd(64, '0'))
    let u = k
    const results = new Map<number, string>()
    for (let iteration = 1; iteration <= 1000; iteration++) {
      ;[k, u] = [x25519(k, u), k]
      results.set(iteration, toHex(k))
    }
    expect(results.get(1)).toBe('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079')
    expect(results.get(1000)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51')
  })

  test('6.1, Alice and Bob', () => {
    const alice = bytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
    const bob = bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
    const base = bytes('09'.padEnd(64, '0'))
    const secret = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'
    expect(toHex(x25519(alice, x25519(bob, base)))).toBe(secret)
    expect(toHex(x25519(bob, x25519(alice, base)))).toBe(secret)
  })
})
