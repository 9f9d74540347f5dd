/** Verdicts are remembered, of each signature by itself, and as many as there may be; certificates are checked by them. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { type Certificate, certificateOf, verifyCertificate } from '../../src/exchange/certificate.ts'
import { VERDICTS_KEPT_MAX } from '../../src/exchange/constants.ts'
import { Verdicts } from '../../src/exchange/verdicts.ts'
import { cryptoOf, group } from '../wire/inputs.ts'

const statement = utf8('statement')
const signed = (rank: number, of = statement) => cryptoOf(rank).sign(of)
const keyOf = (rank: number) => group.publicKeys[rank] as Uint8Array
const verdicts = () => new Verdicts(cryptoOf(3), group)

/** With one bit changed. */
function flipped(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

describe('a verdict', () => {
  it('is found once, right or wrong, by rank or by public key', () => {
    const own = verdicts()
    for (let i = 0; i < 3; i++) {
      expect(own.verify(0, statement, signed(0))).toBe(true)
      expect(own.verifyBy(keyOf(0), statement, signed(0))).toBe(true)
      expect(own.verify(0, statement, flipped(signed(0)))).toBe(false)
    }
    expect(own.verifications).toBe(2)
  })

  it('is not remembered of an invalid signature where that is not wanted', () => {
    const own = new Verdicts(cryptoOf(3), group, false)
    for (let i = 0; i < 3; i++) {
      expect(own.verify(0, statement, signed(0))).toBe(true)
      expect(own.verify(0, statement, flipped(signed(0)))).toBe(false)
    }
    expect(own.verifications).toBe(1 + 3)
  })

  it('is of this signer, this signature and this statement', () => {
    const own = verdicts()
    expect(own.verify(0, statement, signed(0))).toBe(true)
    expect(own.verify(1, statement, signed(0))).toBe(false)
    expect(own.verify(0, utf8('another'), signed(0))).toBe(false)
    expect(own.verify(0, statement, signed(1))).toBe(false)
    expect(own.verify(0, statement, signed(0))).toBe(true)
  })

  it('is none of a process that is no member, nor of what is no key or signature', () => {
    const own = verdicts()
    for (const signer of [-1, 4, 0.5, Number.NaN])
      expect(own.verify(signer, statement, signed(0))).toBe(false)
    expect(own.verifyBy(keyOf(0).subarray(1), statement, signed(0))).toBe(false)
    expect(own.verifyBy(keyOf(0), statement, signed(0).subarray(1))).toBe(false)
    expect(own.verifications).toBe(0)
  })

  it('is forgotten when there are too many, the oldest first', () => {
    const asked: Uint8Array[] = []
    const own = new Verdicts({ ...cryptoOf(3), verifyBy: (_, of) => asked.push(of) > 0 }, group)
    const of = (number: number) => Uint8Array.of(number >> 8, number & 255)
    for (let number = 0; number <= VERDICTS_KEPT_MAX; number++) own.verify(0, of(number), signed(0))
    for (let number = 1; number <= VERDICTS_KEPT_MAX; number++) own.verify(0, of(number), signed(0))
    expect(asked).toHaveLength(VERDICTS_KEPT_MAX + 1)
    own.verify(0, of(0), signed(0))
    expect(asked).toHaveLength(VERDICTS_KEPT_MAX + 2)
  })
})

describe('a certificate', () => {
  /** Each member vouches in words of its own. */
  const words = (signer: number) => utf8(`member ${signer} vouches`)
  const vouched = (...ranks: number[]): Certificate =>
    certificateOf(new Map(ranks.map((rank) => [rank, signed(rank, words(rank))])))
  const holds = (certificate: Certificate, crypto: Pick<Verdicts, 'verify'> = cryptoOf(3)) =>
    verifyCertificate(crypto, group, words, certificate)

  it('is of exactly a quorum of distinct members, in order', () => {
    expect(vouched(2, 0, 1).map(({ signer }) => signer)).toEqual([0, 1, 2])
    expect(holds(vouched(2, 0, 1))).toBe(true)
    expect(holds(vouched(0, 1, 3))).toBe(true)
    expect(holds(vouched(0, 1))).toBe(false)
    expect(holds(vouched(0, 1, 2, 3))).toBe(false)
    const [first, second, third] = vouched(0, 1, 2) as [Certificate[0], Certificate[0], Certificate[0]]
    expect(holds([second, first, third])).toBe(false)
    expect(holds([first, first, third])).toBe(false)
    expect(holds([first, second, { ...third, signer: 4 }])).toBe(false)
  })

  it('proves nothing if one of its signatures is wrong, or another member’s', () => {
    for (const at of [0, 1, 2]) {
      const wrong = vouched(0, 1, 2).map((one, index) =>
        index === at ? { ...one, signature: flipped(one.signature, 3) } : one
      )
      expect(holds(wrong)).toBe(false)
    }
    const [first, second, third] = vouched(0, 1, 2) as [Certificate[0], Certificate[0], Certificate[0]]
    expect(holds([first, second, { ...third, signature: second.signature }])).toBe(false)
  })

  it('costs no more verifications when it is shown again, and a forged one is found out all the same', () => {
    const own = verdicts()
    for (let i = 0; i < 3; i++) expect(holds(vouched(0, 1, 2), own)).toBe(true)
    expect(holds(vouched(0, 1, 3), own)).toBe(true)
    expect(own.verifications).toBe(4)
    const forged = vouched(0, 1, 2).map((one) => ({ ...one, signature: flipped(one.signature) }))
    expect(holds(forged, own)).toBe(false)
  })
})
