/** What groups carry and refuse; the arithmetic of quorums is a table (test/tables/quorums.ts). */
import { expect, test } from 'vitest'
import { AssertionError } from '../../src/core/assert.ts'
import { createGroup } from '../../src/core/group.ts'
import {
  available,
  byzantineQuorum,
  byzantineResilience,
  correctMajority,
  majority,
  maskingQuorum,
  oneCorrect
} from '../../src/core/quorum.ts'

const N_MAX = 100

/** Calls `check` with every n and f < n; a failure names the two. */
function everyGroup(check: (n: number, f: number, name: string) => void): void {
  for (let n = 1; n <= N_MAX; n++) for (let f = 0; f < n; f++) check(n, f, `n = ${n}, f = ${f}`)
}

test('n = 4 tells nothing apart, n = 5 to 7 do', () => {
  const sizes = (n: number) => {
    const f = byzantineResilience(n)
    return [majority(n), correctMajority(n, f), available(n, f), byzantineQuorum(n, f)]
  }
  expect([4, 5, 6, 7].map(sizes)).toEqual([
    [3, 3, 3, 3],
    [3, 3, 4, 4],
    [4, 3, 5, 4],
    [4, 5, 5, 5]
  ])
})

test('a group carries the quorums of its own n and f', () => {
  everyGroup((n, f, name) => {
    const publicKeys = Array.from({ length: n }, () => new Uint8Array(32))
    const group = createGroup({ id: new Uint8Array(32), f, publicKeys })
    expect(group.quorum, name).toEqual({
      majority: majority(n),
      byzantine: byzantineQuorum(n, f),
      masking: maskingQuorum(n, f),
      oneCorrect: oneCorrect(n, f),
      correctMajority: correctMajority(n, f),
      available: available(n, f)
    })
  })
})

test.each([
  [0, 0],
  [-1, 0],
  [4, 4],
  [4, -1],
  [4, 1.5],
  [4.5, 1],
  [Number.NaN, 0],
  [Number.POSITIVE_INFINITY, 0]
])('a group of %s with %s faulty does not exist', (n, f) => {
  for (const quorum of [byzantineQuorum, maskingQuorum, oneCorrect, correctMajority, available]) {
    expect(() => quorum(n, f)).toThrow(AssertionError)
  }
})
