/** The codec and cborg on the same values and the same hostile bytes. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { sameBytes, toHex } from '../../src/core/bytes.ts'
import { decode, encode, type Shape } from '../../src/core/shapes.ts'
import type { PlainValue } from '../../src/core/trace.ts'
import { seededInteger } from '../links/virtual-time.ts'
import { shapes } from './arbitrary-shapes.ts'
import { oracleDecode, oracleEncode } from './cborg-oracle.ts'

const VALUES_PER_SHAPE = 50
const HOSTILE_PER_VALUE = 4

/** The heads of every major type and length, and what stands at the borders of UTF-8 and of shortest lengths. */
const NASTY = [
  0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0x20, 0x40, 0x58, 0x5f, 0x60, 0x78, 0x7f, 0x80, 0x81, 0x98
].concat([0x9f, 0xa0, 0xc0, 0xc1, 0xed, 0xef, 0xf4, 0xf5, 0xf6, 0xf7, 0xf9, 0xfb, 0xff, 0xbb, 0xbf])

export interface Agreement {
  readonly values: number
  readonly hostile: number
  /** How many of the hostile byte strings were encodings of something all the same. */
  readonly accepted: number
}

function mutate(encoded: Uint8Array, below: (bound: number) => number): Uint8Array {
  const bytes = [...encoded]
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const byte = below(2) === 0 ? NASTY[below(NASTY.length)]! : below(256)
    const at = below(bytes.length + 1)
    bytes.splice(at, below(3), ...(below(4) === 0 ? [] : [byte]))
  }
  return Uint8Array.from(bytes)
}

/** @returns whether both accept the bytes. @throws what differs */
function agree(shape: Shape<PlainValue>, bytes: Uint8Array): boolean {
  const [own, theirs] = [decode(shape, bytes), oracleDecode(shape.description, bytes)]
  const isSame =
    own === undefined || theirs === undefined
      ? own === theirs
      : sameBytes(encode(shape, own), oracleEncode(shape.description, theirs))
  if (!isSame) expect({ bytes: toHex(bytes), value: own }).toEqual({ bytes: toHex(bytes), value: theirs })
  return own !== undefined
}

/** So many values and hostile byte strings in all. @throws what differs first */
export function codecsAgree(count: number, seed: number): Agreement {
  const below = seededInteger(seed)
  const rounds = Math.ceil(count / (VALUES_PER_SHAPE * (1 + HOSTILE_PER_VALUE)))
  let values = 0
  let hostile = 0
  let accepted = 0
  for (const { shape, values: arbitrary } of fc.sample(shapes(4), { numRuns: rounds, seed })) {
    for (const value of fc.sample(arbitrary, { numRuns: VALUES_PER_SHAPE, seed: seed + values })) {
      const encoded = encode(shape, value)
      const theirs = oracleEncode(shape.description, value)
      if (!sameBytes(encoded, theirs)) expect(toHex(encoded)).toBe(toHex(theirs))
      expect(agree(shape, encoded)).toBe(true)
      values++
      for (let i = 0; i < HOSTILE_PER_VALUE; i++, hostile++) {
        if (agree(shape, mutate(encoded, below))) accepted++
      }
    }
  }
  return { values, hostile, accepted }
}
