/** The steps of docs/tutorial-agreement.md: each breaks as the tutorial says, and not otherwise. */
import { describe, expect, test } from 'vitest'
import echoes from '../../examples/agreement/echoes.ts'
import oneLeader from '../../examples/agreement/one-leader.ts'
import reports from '../../examples/agreement/reports.ts'
import views from '../../examples/agreement/views.ts'
import { run } from '../../src/laboratory/run.ts'
import { addStack, type RunConfig } from '../../src/laboratory/run-config.ts'
import type { OwnProtocol } from '../../src/laboratory/service-protocol.ts'

for (const protocol of [echoes, oneLeader, views, reports]) addStack(protocol)

const config = ({ name }: OwnProtocol, members: number, byzantine: number): RunConfig => ({
  protocol: name,
  members,
  faults: 1,
  byzantine,
  adversary: byzantine === 0 ? null : 'swarm',
  links: 'ideal',
  crypto: 'symbolic'
})

/** What is violated in so many runs. */
function violated(of: RunConfig, first: number, runs: number): readonly string[] {
  const seeds = Array.from({ length: runs }, (_, index) => first + index)
  return [
    ...new Set(seeds.flatMap((seed) => run(of, seed).violations.map(({ property }) => property)))
  ].sort()
}

describe('the tutorial on agreement', () => {
  test('step 1: a majority of echoes disagrees among five, and is stuck among four', () => {
    expect(violated(config(echoes, 5, 1), 32, 1)).toEqual(['agreement'])
    expect(violated(config(echoes, 4, 1), 1, 60)).toEqual(['termination'])
  })

  test('step 2: one leader is safe, and stuck', () => {
    expect(violated(config(oneLeader, 4, 1), 1, 60)).toEqual(['termination'])
  })

  test('step 3: views that know nothing of each other disagree, without any liar', () => {
    expect(violated(config(views, 4, 0), 1, 60)).toEqual(['agreement'])
  })

  test('step 4: leaders that ask agree among members that do not lie, and believe a liar', () => {
    expect(violated(config(reports, 4, 0), 1, 100)).toEqual([])
    expect(violated(config(reports, 4, 1), 230, 1)).toEqual(['agreement'])
  })
})
