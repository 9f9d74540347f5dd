/** The arithmetic of quorums, for every group of up to 100 processes and every number of faulty ones. */
import { describe, expect, test } from 'vitest'
import { AssertionError } from '../../src/core/assert.ts'
import { createGroup } from '../../src/core/group.ts'
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

const N_MAX = 100

/** Any two sets of `size` out of n processes share at least this many. */
const leastShared = (n: number, size: number) => Math.max(0, 2 * size - n)

/** Calls `check` with every n and f < n; a failure names the two. */
function everyGroup(check: (n: number, f: number, name: string) => void): void {
  for (let n = 1; n <= N_MAX; n++) for (let f = 0; f < n; f++) check(n, f, `n = ${n}, f = ${f}`)
}

/** The smallest size that has the property, found by trying: the formula must give that one. */
function smallest(has: (size: number) => boolean): number {
  let size = 0
  while (!has(size)) size++
  return size
}

describe('each quorum is the smallest that has its property', () => {
  test('majority: any two intersect', () => {
    everyGroup((n, _, name) => expect(majority(n), name).toBe(smallest((q) => leastShared(n, q) >= 1)))
  })

  test('byzantine: any two share a correct process', () => {
    everyGroup((n, f, name) => {
      expect(byzantineQuorum(n, f), name).toBe(smallest((q) => leastShared(n, q) - f >= 1))
    })
  })

  test('masking: any two share f + 1 correct processes', () => {
    everyGroup((n, f, name) => {
      expect(maskingQuorum(n, f), name).toBe(smallest((q) => leastShared(n, q) - f >= f + 1))
    })
  })

  test('oneCorrect: at least one of them is correct', () => {
    everyGroup((n, f, name) => expect(oneCorrect(n, f), name).toBe(smallest((q) => q - f >= 1)))
  })

  test('correctMajority: more of them are correct than faulty, whichever f are faulty', () => {
    everyGroup((n, f, name) => expect(correctMajority(n, f), name).toBe(smallest((q) => q - f > f)))
  })
})

describe('availability: the n - f correct processes alone reach', () => {
  test('available itself, and not one more', () => {
    everyGroup((n, f, name) => expect(available(n, f) + f, name).toBe(n))
  })

  test('a majority exactly if n > 2f', () => {
    everyGroup((n, f, name) => expect(available(n, f) >= majority(n), name).toBe(n > 2 * f))
  })

  test('a Byzantine quorum exactly if n > 3f', () => {
    everyGroup((n, f, name) => expect(available(n, f) >= byzantineQuorum(n, f), name).toBe(n > 3 * f))
  })

  test('a masking quorum exactly if n > 4f', () => {
    everyGroup((n, f, name) => expect(available(n, f) >= maskingQuorum(n, f), name).toBe(n > 4 * f))
  })

  test('2f + 1 processes exactly if n > 3f', () => {
    everyGroup((n, f, name) => expect(available(n, f) >= correctMajority(n, f), name).toBe(n > 3 * f))
  })
})

describe('what the protocols lean on, if n > 3f', () => {
  const everyByzantineGroup: typeof everyGroup = (check) =>
    everyGroup((n, f, name) => {
      if (n > 3 * f) check(n, f, name)
    })

  test('a Byzantine quorum holds more than f correct processes: enough for a process to join them', () => {
    everyByzantineGroup((n, f, name) => {
      expect(byzantineQuorum(n, f) - f, name).toBeGreaterThanOrEqual(oneCorrect(n, f))
    })
  })

  test('a Byzantine quorum intersects every set of n - f in a correct process', () => {
    everyByzantineGroup((n, f, name) => {
      expect(byzantineQuorum(n, f) + available(n, f) - n - f, name).toBeGreaterThanOrEqual(1)
    })
  })

  test('2f + 1 intersects in a correct process at n = 3f + 1 alone: hence the Byzantine quorum', () => {
    everyByzantineGroup((n, f, name) => {
      expect(leastShared(n, correctMajority(n, f)) > f, name).toBe(n === 3 * f + 1)
    })
  })
})

describe('resilience is the largest f', () => {
  test('with n > 3f', () => {
    everyGroup((n, f, name) => expect(f <= byzantineResilience(n), name).toBe(n > 3 * f))
  })

  test('with n > 4f', () => {
    everyGroup((n, f, name) => expect(f <= maskingResilience(n), name).toBe(n > 4 * f))
  })

  test('with n > 2f', () => {
    everyGroup((n, f, name) => expect(f <= crashResilience(n), name).toBe(n > 2 * f))
  })
})

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
