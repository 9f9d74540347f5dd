/** The orders of timestamped values, and what members claim, for all triples of a few values. */

import { compareBytes } from '../../src/core/bytes.ts'
import type { Claim, ClaimedValue } from '../../src/registers/claim.ts'
import { claimOf, contradict, highestClaim, isPossible, vouched } from '../../src/registers/claim.ts'
import { compareHeaders, compareSigned, highest, type SignedValue } from '../../src/registers/signed-value.ts'
import {
  compareTimestamped,
  highestTimestamped,
  type TimestampedValue
} from '../../src/registers/timestamped-value.ts'
import { product, sequences } from './inputs.ts'
import type { Row, Table } from './table.ts'

const BYTES = [[], [0], [1], [0, 0], [255]].map((bytes) => new Uint8Array(bytes))

const timestamped: readonly (TimestampedValue | null)[] = [
  null,
  ...[...product([1, 2, 3], [0, 1])].map(([timestamp, writer]) => ({
    timestamp,
    writer,
    value: BYTES[(timestamp * 2 + writer) % 5] as Uint8Array
  }))
]

const signed: readonly (SignedValue | null)[] = [
  null,
  ...[...product([1, 2], [0, 1], [0, 1], BYTES.slice(1, 3))].map(([timestamp, writer, content, value]) => ({
    timestamp,
    writer,
    content,
    value,
    signature: new Uint8Array(64).fill(timestamp)
  }))
]

const headers = [...product([1, 2], [0, 1], [0, 1], [1, 2])].map(([timestamp, writer, content, digest]) => ({
  timestamp,
  writer,
  content,
  digest: new Uint8Array(32).fill(digest),
  signature: new Uint8Array(64).fill(timestamp)
}))

/** Total, and equal only to itself; given in ascending order, which it must say. */
const ascending = <T>(compare: (a: T, b: T) => number, values: readonly T[], told: (value: T) => string) =>
  function* (): Generator<Row> {
    for (const [i, a] of values.entries())
      for (const [j, b] of values.entries())
        yield [
          Math.sign(compare(a, b)) === Math.sign(i - j),
          () => `${told(a)} and ${told(b)}: ${compare(a, b)}`
        ]
  }

const json = (value: unknown) => JSON.stringify(value)

const hash = (bytes: Uint8Array) => new Uint8Array(32).fill(1 + bytes.length + 3 * (bytes[0] ?? 0))

const claimed: readonly (ClaimedValue | null)[] = [
  null,
  ...[...product([1, 2], BYTES.slice(1, 3))].map(([timestamp, value]) => ({ timestamp, value }))
]

/** What three members claim, each of at most two of three values, one of which it may say twice. */
function* claims(): Generator<readonly (readonly Claim[])[]> {
  const some = claimed.slice(0, 3).map((value) => claimOf(value, hash))
  const perMember = [...sequences(some, 2)]
  yield* product(perMember, perMember, perMember)
}

const names = (list: Iterable<Claim>) => [...list].map(({ name }) => name).sort()

export const order: Table = {
  'byte strings are ordered as by a dictionary': ascending(
    compareBytes,
    [[], [0], [0, 0], [1], [255]].map((bytes) => new Uint8Array(bytes)),
    String
  ),
  'timestamped values are ordered by timestamp, then by writer': ascending(
    compareTimestamped,
    timestamped,
    json
  ),
  'signed values are ordered by timestamp, writer, content and value': ascending(compareSigned, signed, json),
  'headers are ordered as the values that they are of': ascending(compareHeaders, headers, json),
  *'the highest of some values is the highest in whatever order they come'(): Generator<Row> {
    for (const some of sequences(timestamped, 3)) {
      const top = some.reduce((a, b) => (timestamped.indexOf(b) > timestamped.indexOf(a) ? b : a), null)
      yield [highestTimestamped(some) === top, () => json(some)]
    }
    for (const some of sequences(signed.slice(0, 8), 3)) {
      const top = some.reduce((a, b) => (signed.indexOf(b) > signed.indexOf(a) ? b : a), null)
      yield [highest(some) === top, () => json(some)]
    }
  },
  *'claims are vouched for by as many members as claim them, each of them once'(): Generator<Row> {
    for (const members of claims())
      for (const vouchers of [1, 2, 3]) {
        const all = [...new Map(members.flat().map((claim) => [claim.name, claim])).values()]
        const right = all.filter(
          ({ name }) => members.filter((own) => own.some((claim) => claim.name === name)).length >= vouchers
        )
        yield [
          String(names(vouched(members, vouchers))) === String(names(right)),
          () => `${vouchers} of ${json(members.map(names))}: ${names(vouched(members, vouchers))}`
        ]
        const top = Math.max(...all.map(({ timestamp }) => timestamp))
        yield [all.length === 0 || highestClaim(all)?.timestamp === top, () => `the highest of ${names(all)}`]
      }
  },
  *'claims have one name exactly if they are of one write; two values at one timestamp contradict'(): Generator<Row> {
    for (const [a, b] of product(claimed, claimed)) {
      const [left, right] = [claimOf(a, hash), claimOf(b, hash)]
      yield [(left.name === right.name) === (a === b), () => `${json(a)} and ${json(b)} by name`]
      const differ = a !== null && b !== null && a !== b && a.timestamp === b.timestamp
      yield [b === null || contradict(a, b) === differ, () => `${json(a)} and ${json(b)}`]
    }
    yield [!isPossible({ timestamp: 0, value: new Uint8Array(0) }), () => 'a value of timestamp 0']
    for (const value of claimed) yield [isPossible(value), () => json(value)]
  }
}
