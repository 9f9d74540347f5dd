/**
 * The twelve cases with which K. Chalkias, F. Garillot and V. Nikolaenko ("Taming the many EdDSAs", SSR 2020)
 * showed that verifiers in common use disagree; published as ed25519-speccheck, Apache-2.0. Our rule refuses
 * them all; every case is shown to be what the paper says that it is, so that none is refused for a typing error.
 */
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { describe, expect, test } from 'vitest'
import { Edwards, equationHolds, type Forgery, L } from './forge.ts'
import { bytes, expectVerdict } from './support.ts'

type Order = 'small' | 'mixed' | 'L'

interface Case {
  about: string
  A: Order
  R: Order
  /** What the equation alone, with lenient decoding, would say. */
  cofactored: boolean
  cofactorless: boolean
  message: string
  publicKey: string
  signature: string
}

const SMALL = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'
const MIXED = 'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43'
const MIXED_2 = 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d'
const PRIME = '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623'
const NEGATIVE_ZERO = 'ec'.padEnd(64, 'f')

const cases: Case[] = [
  {
    about: '0: S = 0, A and R small',
    ...{ A: 'small', R: 'small', cofactored: true, cofactorless: true },
    message: '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    publicKey: SMALL,
    signature: 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'.padEnd(128, '0')
  },
  {
    about: '1: A small',
    ...{ A: 'small', R: 'mixed', cofactored: true, cofactorless: true },
    message: '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    publicKey: SMALL,
    signature: `${MIXED}a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04`
  },
  {
    about: '2: R small',
    ...{ A: 'mixed', R: 'small', cofactored: true, cofactorless: true },
    message: 'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    publicKey: MIXED,
    signature: `${SMALL}8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e`
  },
  {
    about: '3: A and R mixed, refused only where full order is asked for',
    ...{ A: 'mixed', R: 'mixed', cofactored: true, cofactorless: true },
    message: '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    publicKey: MIXED_2,
    signature:
      '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f' +
      '87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009'
  },
  {
    about: '4: A and R mixed, with the cofactor only',
    ...{ A: 'mixed', R: 'mixed', cofactored: true, cofactorless: false },
    message: 'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    publicKey: MIXED_2,
    signature:
      '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512' +
      '5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09'
  },
  {
    about: '5: A mixed, with the cofactor only, and only if 8k is not reduced first',
    ...{ A: 'mixed', R: 'L', cofactored: true, cofactorless: false },
    message: 'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    publicKey: MIXED_2,
    signature:
      '21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7' +
      'e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405'
  },
  {
    about: '6: S > L',
    ...{ A: 'L', R: 'L', cofactored: true, cofactorless: true },
    message: '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    publicKey: PRIME,
    signature:
      'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e' +
      '547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514'
  },
  {
    about: '7: S far above L',
    ...{ A: 'L', R: 'L', cofactored: true, cofactorless: true },
    message: '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    publicKey: PRIME,
    signature:
      '8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942' +
      '7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22'
  },
  {
    about: '8: R non-canonical, reduced for the hash',
    ...{ A: 'mixed', R: 'small', cofactored: false, cofactorless: false },
    message: '9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41',
    publicKey: MIXED,
    signature: `${NEGATIVE_ZERO}03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f`
  },
  {
    about: '9: R non-canonical, not reduced for the hash',
    ...{ A: 'mixed', R: 'small', cofactored: true, cofactorless: true },
    message: '9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41',
    publicKey: MIXED,
    signature: `${NEGATIVE_ZERO}ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908`
  },
  {
    about: '10: A non-canonical, reduced for the hash',
    ...{ A: 'small', R: 'mixed', cofactored: true, cofactorless: false },
    message: 'e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b',
    publicKey: NEGATIVE_ZERO,
    signature:
      'a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc' +
      'a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04'
  },
  {
    about: '11: A non-canonical, not reduced for the hash',
    ...{ A: 'small', R: 'mixed', cofactored: true, cofactorless: true },
    message: '39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f',
    publicKey: NEGATIVE_ZERO,
    signature:
      'a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc' +
      'a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04'
  }
]

function orderOf(encoding: Uint8Array): Order {
  const point = Edwards.fromBytes(encoding, true)
  if (point.isSmallOrder()) return 'small'
  return point.isTorsionFree() ? 'L' : 'mixed'
}

describe.each(cases)('"Taming the many EdDSAs", case $about', (item) => {
  const forgery: Forgery = {
    publicKey: bytes(item.publicKey),
    message: bytes(item.message),
    signature: bytes(item.signature)
  }

  test('is what the paper says', () => {
    expect(orderOf(forgery.publicKey)).toBe(item.A)
    expect(orderOf(forgery.signature.subarray(0, 32))).toBe(item.R)
    expect(bytesToNumberLE(forgery.signature.subarray(32)) >= L).toBe(item.about.includes('L'))
    expect(equationHolds(forgery, { cofactored: true })).toBe(item.cofactored)
    expect(equationHolds(forgery, { cofactored: false })).toBe(item.cofactorless)
  })

  test('is refused by every backend', () => {
    expectVerdict(false, forgery)
  })
})
