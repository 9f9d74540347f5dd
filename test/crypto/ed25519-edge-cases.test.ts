import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js'
import { describe, expect, test } from 'vitest'
import { concatBytes, toHex, utf8 } from '../../src/core/bytes.ts'
import { isSmallOrderEncoding, isWellFormedSignature } from '../../src/crypto/ed25519-rules.ts'
import { isAcceptablePublicKey } from '../../src/crypto/index.ts'
import {
  Edwards,
  equationHolds,
  excessEncodings,
  keyPair,
  L,
  messageThatClearsTorsion,
  P,
  sign,
  smallOrderEncodings,
  torsion
} from './forge.ts'
import { bytes, counting, expectVerdict } from './support.ts'

const { a, A } = keyPair(counting(32))
const r = 0x1234567890abcdefn
const R = Edwards.BASE.multiply(r)
const message = utf8('attack at dawn')
const honest = sign({ a, r }, { R: R.toBytes(), A: A.toBytes() }, message)
const [identity, ...nonTrivialTorsion] = torsion

test('a signature by an honest key and an arbitrary nonce is accepted', () => {
  expectVerdict(true, honest)
})

describe('the public key A', () => {
  test.each(smallOrderEncodings.map(toHex))(
    'of small order, %s, is refused although the equation holds',
    (hex) => {
      const encodings = { R: R.toBytes(), A: bytes(hex) }
      const forgery = sign({ a: 0n, r }, encodings, messageThatClearsTorsion(encodings))
      expect(equationHolds(forgery, { cofactored: false })).toBe(true)
      expectVerdict(false, forgery)
    }
  )

  test('equal to the identity is refused although it lies in the prime-order subgroup', () => {
    const forgery = sign({ a: 0n, r }, { R: R.toBytes(), A: identity!.toBytes() }, message)
    expect(identity!.isTorsionFree()).toBe(true)
    expectVerdict(false, forgery)
  })

  test('of mixed order is refused although the equation holds without the cofactor', () => {
    for (const T of nonTrivialTorsion) {
      const encodings = { R: R.toBytes(), A: A.add(T).toBytes() }
      const forgery = sign({ a, r }, encodings, messageThatClearsTorsion(encodings))
      expect(equationHolds(forgery, { cofactored: false })).toBe(true)
      expectVerdict(false, forgery)
    }
  })

  test('with y >= p is refused, for each of the 38 such encodings', () => {
    expect(excessEncodings).toHaveLength(38)
    for (const encoding of excessEncodings) {
      const encodings = { R: R.toBytes(), A: encoding }
      expect(isAcceptablePublicKey(encoding)).toBe(false)
      // Twice refused: no excess encoding is of a point of order L, so canonicity follows from the order.
      expect(decodesToPrimeOrder(encoding)).toBe(false)
      expectVerdict(false, sign({ a, r }, encodings, message))
    }
  })

  test('with the sign of x = 0 set is refused, for y = 1 and for y = -1', () => {
    for (const y of [1n, P - 1n]) {
      const negativeZero = numberToBytesLE(y + 2n ** 255n, 32)
      const encodings = { R: R.toBytes(), A: negativeZero }
      const forgery = sign({ a: 0n, r }, encodings, messageThatClearsTorsion(encodings))
      expect(equationHolds(forgery, { cofactored: false })).toBe(true)
      expectVerdict(false, forgery)
    }
  })

  test('that is on no point of the curve is refused', () => {
    const y = 2n // (y^2 - 1) / (d*y^2 + 1) is not a square
    expect(() => Edwards.fromBytes(numberToBytesLE(y, 32), true)).toThrow()
    expectVerdict(false, { ...honest, publicKey: numberToBytesLE(y, 32) })
  })
})

describe('the point R', () => {
  test('of small order is refused under an honest key, in each of its 14 encodings', () => {
    expect(smallOrderEncodings).toHaveLength(14)
    for (const encoding of smallOrderEncodings) {
      const forgery = sign({ a, r: 0n }, { R: encoding, A: A.toBytes() }, message)
      expect(equationHolds(forgery, { cofactored: true })).toBe(true)
      expectVerdict(false, forgery)
      expect(isSmallOrderEncoding(encoding)).toBe(true)
    }
  })

  test('equal to the identity is refused although the equation holds without the cofactor', () => {
    const forgery = sign({ a, r: 0n }, { R: identity!.toBytes(), A: A.toBytes() }, message)
    expect(equationHolds(forgery, { cofactored: false })).toBe(true)
    expectVerdict(false, forgery)
  })

  test('of mixed order is refused: the equation holds with the cofactor, not without', () => {
    for (const T of nonTrivialTorsion) {
      const forgery = sign({ a, r }, { R: R.add(T).toBytes(), A: A.toBytes() }, message)
      expect(equationHolds(forgery, { cofactored: true })).toBe(true)
      expect(equationHolds(forgery, { cofactored: false })).toBe(false)
      expectVerdict(false, forgery)
    }
  })

  test('with y >= p is refused, for each of the 38 such encodings', () => {
    for (const encoding of excessEncodings) {
      expectVerdict(false, sign({ a, r }, { R: encoding, A: A.toBytes() }, message))
    }
  })

  test('of any other order is not mistaken for one of small order', () => {
    for (const encoding of excessEncodings) {
      const small = smallOrderEncodings.some((other) => toHex(other) === toHex(encoding))
      expect(isSmallOrderEncoding(encoding)).toBe(small)
    }
    expect(isSmallOrderEncoding(R.toBytes())).toBe(false)
  })
})

describe('R and A of mixed order together', () => {
  test('are refused, where the torsion cancels and where it does not', () => {
    for (const T of nonTrivialTorsion) {
      for (const U of nonTrivialTorsion) {
        const encodings = { R: R.add(T).toBytes(), A: A.add(U).toBytes() }
        expectVerdict(false, sign({ a, r }, encodings, message))
      }
    }
  })
})

describe('the scalar S', () => {
  const S = bytesToNumberLE(honest.signature.subarray(32))
  const withS = (scalar: bigint) => ({
    ...honest,
    signature: concatBytes(honest.signature.subarray(0, 32), numberToBytesLE(scalar, 32))
  })

  test('plus any multiple of L that fits in 32 bytes is refused: there is no second signature', () => {
    let multiples = 0
    for (let scalar = S + L; scalar < 2n ** 256n; scalar += L) {
      expect(equationHolds(withS(scalar), { cofactored: false })).toBe(true)
      expectVerdict(false, withS(scalar))
      multiples++
    }
    expect(multiples).toBeGreaterThanOrEqual(14)
  })

  test('is refused from L on, and not before', () => {
    expect(isWellFormedSignature(withS(L - 1n).signature)).toBe(true)
    for (const scalar of [L, L + 1n, 2n ** 253n, 2n ** 255n, 2n ** 256n - 1n]) {
      expect(isWellFormedSignature(withS(scalar).signature)).toBe(false)
      expectVerdict(false, withS(scalar))
    }
  })
})

describe('malformed input gives false and never throws', () => {
  const imitation = Object.create(Uint8Array.prototype)
  const junk: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['a number', 64],
    ['a string', 'x'.repeat(64)],
    ['an array of numbers', Array.from({ length: 64 }, () => 1)],
    ['an object', { length: 64 }],
    ['an ArrayBuffer', new ArrayBuffer(64)],
    ['a DataView', new DataView(new ArrayBuffer(64))],
    ['a Uint16Array', new Uint16Array(32)],
    ['a proxy of bytes', new Proxy(new Uint8Array(64), {})],
    ['an imitation of bytes', imitation],
    ['bytes whose buffer was transferred away', detached()]
  ]

  test.each(junk)('%s as public key, message or signature', (_, value) => {
    expectVerdict(false, { ...honest, publicKey: value })
    expectVerdict(false, { ...honest, signature: value })
    expectVerdict(false, { ...honest, message: value })
    expect(isAcceptablePublicKey(value)).toBe(false)
  })

  test.each([0, 1, 31, 33, 63, 64, 65, 96, 128])('%i bytes as public key or signature', (length) => {
    const longer = (value: Uint8Array) => concatBytes(value, new Uint8Array(128)).subarray(0, length)
    expectVerdict(false, { ...honest, publicKey: longer(honest.publicKey) })
    expectVerdict(length === 64, { ...honest, signature: longer(honest.signature) })
  })

  test('a message beyond the longest that both backends take', () => {
    expectVerdict(false, { ...honest, message: new Uint8Array(2 ** 31) })
  })

  test('bytes in a Buffer, in a view with an offset, and in shared memory are bytes like any other', () => {
    const views = (value: Uint8Array): Uint8Array[] => {
      const shifted = new Uint8Array(value.length + 7)
      shifted.set(value, 3)
      const shared = new Uint8Array(new SharedArrayBuffer(value.length))
      shared.set(value)
      return [Buffer.from(value), shifted.subarray(3, 3 + value.length), shared]
    }
    for (const signature of views(honest.signature)) expectVerdict(true, { ...honest, signature })
    for (const other of views(honest.message)) expectVerdict(true, { ...honest, message: other })
    for (const publicKey of views(honest.publicKey)) expectVerdict(true, { ...honest, publicKey })
  })
})

function detached(): Uint8Array {
  const value = new Uint8Array(64)
  structuredClone(value.buffer, { transfer: [value.buffer] })
  return value
}

/** Whether an encoding, decoded leniently, is a point of order L. */
function decodesToPrimeOrder(encoding: Uint8Array): boolean {
  try {
    const point = Edwards.fromBytes(encoding, true)
    return point.isTorsionFree() && !point.is0()
  } catch {
    return false // no point of the curve at all
  }
}
