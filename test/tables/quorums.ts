/** The arithmetic of quorums, for every group of up to 100 processes and every number of faulty ones. */
import {
  available,
  byzantineQuorum,
  byzantineResilience,
  correctMajority,
  crashResilience,
  majority,
  maskingQuorum,
  maskingResilience,
  oneCorrect
} from '../../src/core/quorum.ts'
import type { Row, Table } from './table.ts'

const N_MAX = 100

/** Any two sets of `size` out of n processes share at least this many. */
const leastShared = (n: number, size: number) => Math.max(0, 2 * size - n)

/** The smallest size that has the property, found by trying: the formula must give that one. */
function smallest(has: (size: number) => boolean): number {
  let size = 0
  while (!has(size)) size++
  return size
}

type OfGroup = (n: number, f: number) => number | boolean

/** Every n and f < n that the formula is for. */
const inGroups = (found: OfGroup, right: OfGroup, isMeant = (_n: number, _f: number) => true) =>
  function* (): Iterable<Row> {
    for (let n = 1; n <= N_MAX; n++)
      for (let f = 0; f < n; f++)
        if (isMeant(n, f))
          yield [
            found(n, f) === right(n, f),
            () => `n = ${n}, f = ${f}: ${found(n, f)}, and not ${right(n, f)}`
          ]
  }

const isByzantine = (n: number, f: number) => n > 3 * f

export const quorums: Table = {
  'a majority is the smallest of which any two intersect': inGroups(majority, (n) =>
    smallest((q) => leastShared(n, q) >= 1)
  ),
  'a Byzantine quorum is the smallest of which any two share a correct process': inGroups(
    byzantineQuorum,
    (n, f) => smallest((q) => leastShared(n, q) - f >= 1)
  ),
  'a masking quorum is the smallest of which any two share f + 1 correct processes': inGroups(
    maskingQuorum,
    (n, f) => smallest((q) => leastShared(n, q) - f >= f + 1)
  ),
  'oneCorrect is the smallest with a correct process among them': inGroups(oneCorrect, (_, f) =>
    smallest((q) => q - f >= 1)
  ),
  'correctMajority is the smallest of which more are correct than faulty': inGroups(correctMajority, (_, f) =>
    smallest((q) => q - f > f)
  ),
  'the n - f correct processes are available, and not one more': inGroups(
    (n, f) => available(n, f) + f,
    (n) => n
  ),
  'the correct processes reach a majority exactly if n > 2f': inGroups(
    (n, f) => available(n, f) >= majority(n),
    (n, f) => n > 2 * f
  ),
  'the correct processes reach a Byzantine quorum exactly if n > 3f': inGroups(
    (n, f) => available(n, f) >= byzantineQuorum(n, f),
    isByzantine
  ),
  'the correct processes reach a masking quorum exactly if n > 4f': inGroups(
    (n, f) => available(n, f) >= maskingQuorum(n, f),
    (n, f) => n > 4 * f
  ),
  'the correct processes reach 2f + 1 exactly if n > 3f': inGroups(
    (n, f) => available(n, f) >= correctMajority(n, f),
    isByzantine
  ),
  'if n > 3f a Byzantine quorum holds more than f correct processes: enough for a process to join them':
    inGroups(
      (n, f) => byzantineQuorum(n, f) - f >= oneCorrect(n, f),
      () => true,
      isByzantine
    ),
  'if n > 3f a Byzantine quorum intersects every set of n - f in a correct process': inGroups(
    (n, f) => byzantineQuorum(n, f) + available(n, f) - n - f >= 1,
    () => true,
    isByzantine
  ),
  'if n > 3f two sets of 2f + 1 share a correct process at n = 3f + 1 alone': inGroups(
    (n, f) => leastShared(n, correctMajority(n, f)) > f,
    (n, f) => n === 3 * f + 1,
    isByzantine
  ),
  'Byzantine resilience is the largest f with n > 3f': inGroups(
    (n, f) => f <= byzantineResilience(n),
    isByzantine
  ),
  'masking resilience is the largest f with n > 4f': inGroups(
    (n, f) => f <= maskingResilience(n),
    (n, f) => n > 4 * f
  ),
  'crash resilience is the largest f with n > 2f': inGroups(
    (n, f) => f <= crashResilience(n),
    (n, f) => n > 2 * f
  )
}
