/** What campaigns ask of members that agree: less of each where there are many. */
import { expect, test } from 'vitest'
import { planRun } from '../../src/laboratory/run-config.ts'

/** The most commands of one process over many seeds. */
function mostOf(members: number): number {
  const faults = Math.floor((members - 1) / 3)
  const run = { protocol: 'pbft', members, faults, byzantine: faults, adversary: 'swarm' }
  const plans = Array.from({ length: 200 }, (_, seed) =>
    planRun({ ...run, links: 'ideal', crypto: 'symbolic' }, seed)
  )
  return Math.max(...plans.map(({ rates }) => rates.workload.operationsMax ?? 0))
}

test.each([
  [4, 8],
  [7, 8],
  [10, 5],
  [100, 1]
])('a process of a group of %i members is asked for at most %i commands', (members, most) => {
  expect(mostOf(members)).toBe(most)
})
