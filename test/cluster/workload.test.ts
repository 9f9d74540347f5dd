/** What members of a cluster are asked for: of a live liar, what it can pretend. */
import { expect, test } from 'vitest'
import { findStack } from '../../src/catalogue/index.ts'
import type { ClusterPlan } from '../../src/cluster/plan.ts'
import { drawWorkload } from '../../src/cluster/workload.ts'

const LIAR = 3

const asked = (stack: string) => {
  const plan = { stack: findStack(stack)!, seed: 1, members: 4, f: 1, byzantine: [LIAR] }
  return new Set(drawWorkload(plan as unknown as ClusterPlan).requests.map(({ process }) => process))
}

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
