/** What members of a cluster are asked for: of a live liar, what it can pretend. */
import { expect, test } from 'vitest'
import { findStack } from '../../src/catalogue/index.ts'
import type { ClusterPlan } from '../../src/cluster/plan.ts'
import { ASKED_MS, drawAgain, drawWorkload } from '../../src/cluster/workload.ts'

const LIAR = 3

const planOf = (stack: string) =>
  ({ stack: findStack(stack)!, seed: 1, members: 4, f: 1, byzantine: [LIAR] }) as unknown as ClusterPlan

const asked = (stack: string) => new Set(drawWorkload(planOf(stack)).requests.map(({ process }) => process))

test.each(['double-echo', 'signed-byzantine-reliable-channel'])(
  'a liar is asked for broadcasts: %s',
  (stack) => {
    expect(asked(stack)).toContain(LIAR)
  }
)

test('and for nothing that takes an answer of others', () => {
  expect(asked('pbft')).not.toContain(LIAR)
  expect(asked('pbft')).toContain(0)
})

test.each(['pbft', 'leaderless-store', 'authenticated-data-shared-register'])(
  '%s: what is asked for once more is numbered on, within the same time, and another draw',
  (stack) => {
    const { requests } = drawWorkload(planOf(stack))
    const more = drawAgain(planOf(stack), 1, requests)
    const all = [...requests, ...more, ...drawAgain(planOf(stack), 2, [...requests, ...more])]
    expect(more.length).toBeGreaterThan(0)
    expect(Math.max(...more.map(({ at }) => at))).toBeLessThanOrEqual(ASKED_MS * 1000)
    expect(new Set(all.map(({ process, number }) => `${process}/${number}`)).size).toBe(all.length)
    expect(more.map(({ arguments: given, at }) => [given, at])).not.toEqual(
      requests.slice(0, more.length).map(({ arguments: given, at }) => [given, at])
    )
  }
)
