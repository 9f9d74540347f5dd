/** The leaderless store as a stack in the laboratory: what it promises, and what it does not. */
import { describe, expect, test } from 'vitest'
import { leaderlessStore } from '../../src/catalogue/leaderless-store.ts'
import { run } from '../../src/laboratory/run.ts'
import { planRun, type RunConfig } from '../../src/laboratory/run-config.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { crashConfig, hunted, unreached } from '../campaigns.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const RUNS = extent(8, 60)
const HUNT_RUNS = 300

const configOf = (members: number, changes: Partial<RunConfig> = {}): RunConfig => ({
  ...crashConfig(leaderlessStore, members),
  ...changes
})

test('one of three replicas may be down for good, one of two may not', () => {
  expect([1, 2, 3, 4, 7].map((n) => leaderlessStore.resilience.largest(n))).toEqual([0, 0, 1, 1, 1])
  expect(leaderlessStore.resilience.admits(7, 2)).toBe(false)
})

describe.each([2, 3, 4, 5, 6, 7])('n = %i', (members) => {
  test(leaderlessStore.properties.join(', '), () => {
    for (let seed = 1; seed <= RUNS; seed++)
      expectNone(run(configOf(members), seed).violations, `seed ${seed}`)
  })
})

test('over real links on a lossy network: all properties', () => {
  for (let seed = 1; seed <= 4; seed++)
    expectNone(run(configOf(4, { links: 'real' }), seed).violations, `seed ${seed}`)
})

test.each(extent<string[]>([], ['reaches its landmarks']))('%s', () => {
  expect(unreached(configOf(4), HUNT_RUNS, leaderlessStore.landmarks)).toEqual([])
})

test('where two of three replicas are down for good, operations do not return', () => {
  const found = hunted(configOf(3, { faults: 2 }), HUNT_RUNS, ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'termination' }])
})

test('nobody is asked for a quorum of all replicas in a run in which a member stops for good', () => {
  const quorums = { whole: 0, part: 0 }
  for (let seed = 1; seed <= 100; seed++) {
    const { setup, rates } = planRun(configOf(4), seed)
    const asked = Array.from({ length: setup.clients }, (_, client) =>
      rates.workload.requests(setup.members + client, false, new SeededRandom(seed, `asked by ${client}`))
    ).flat()
    const isWhole = asked.some(
      (planned) => planned.kind === 'request' && (planned.arguments.quorum ?? 0) >= 3
    )
    if (rates.stops !== 0) expect(isWhole, `seed ${seed}`).toBe(false)
    quorums[isWhole ? 'whole' : 'part']++
  }
  expect(quorums.whole).toBeGreaterThan(10)
  expect(quorums.part).toBeGreaterThan(10)
})
