/** Agreement in runs: every property at every size, with as many liars as there may be; and what they reach. */
import { describe, expect, it } from 'vitest'
import { pbft } from '../../../src/catalogue/pbft.ts'
import { run } from '../../../src/laboratory/run.ts'
import type { RunConfig } from '../../../src/laboratory/run-config.ts'
import { crashConfig, unreached } from '../../campaigns.ts'
import { extent } from '../../extent.ts'

const config = (members: number, changes: Partial<RunConfig> = {}): RunConfig => {
  const faults = pbft.resilience.largest(members)
  return {
    ...crashConfig(pbft, members),
    byzantine: faults,
    adversary: faults === 0 ? null : 'swarm',
    ...changes
  }
}

/** What the runs with these seeds violated. */
const violated = (of: RunConfig, runs: number) =>
  Array.from({ length: runs }, (_, index) => index + 1).flatMap((seed) =>
    run(of, seed).violations.map(({ property, detail }) => `seed ${seed}: ${property}: ${detail}`)
  )

describe('termination, agreement, order, validity, exactly once, results, real time, accuracy, and what a witness sees', () => {
  it.each(extent([1, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 10]))('n = %i, f liars', (members) => {
    expect(violated(config(members), extent(4, members > 7 ? 10 : 50))).toEqual([])
  })

  it.each(extent([4], [4, 7]))('n = %i, none of whom lies', (members) => {
    expect(violated(config(members, { byzantine: 0, adversary: null }), extent(6, 40))).toEqual([])
  })

  it.each([4, 5])('n = %i, on real links', (members) => {
    expect(violated(config(members, { links: 'real' }), extent(3, 20))).toEqual([])
  })

  it.each(
    extent(
      ['equivocate', 'mutate', 'perjure-views'],
      [
        'equivocate',
        'twins',
        'mutate',
        'fabricate',
        'forge',
        'silent',
        'selective',
        'delay',
        'replay',
        'amnesia',
        'withhold',
        'collude',
        'censor',
        'drip',
        'perjure-views'
      ]
    )
  )('n = 4, a liar that does %s', (adversary) => {
    expect(violated(config(4, { adversary }), extent(6, 30))).toEqual([])
  })
})

it('runs reach what a campaign must have reached', () => {
  const landmarks = extent(
    [
      'view-entered',
      'views-without-a-command',
      'number-carried-over',
      'stable',
      'window-opened',
      'log-replayed'
    ],
    pbft.landmarks
  )
  expect(unreached(config(4), 400, landmarks)).toEqual([])
})

/** Without these at its size a campaign has not tried what agreement is about. */
const AT_EACH_SIZE = [
  'liar-led-a-view',
  'entered-by-start-alone',
  'number-selected-by-votes',
  'null-selected',
  'state-installed'
]
/** What so few runs reach that no campaign of one size is held to it. */
const RARE = [
  'false-vote-rejected',
  'new-view-waits-for-proofs',
  'installed-in-a-change',
  'answered-after-an-install',
  'reply-outvoted',
  'wrong-chunk-rejected'
]

it.each(extent<number[]>([], [4, 5, 6, 7]))('runs at n = %i reach what they must at each size', (members) => {
  expect(unreached(config(members), 400, AT_EACH_SIZE)).toEqual([])
})

it.each(extent<string[]>([], ['4 to 7']))('runs of the sizes %s together reach the rarest', () => {
  const missing = [4, 5, 6, 7].reduce<readonly string[]>(
    (left, members) => unreached(config(members), 400, left),
    RARE
  )
  expect(missing).toEqual([])
})

it.each(extent([6], [4, 5, 6, 7]))('runs at n = %i reach members that fetch a state', (members) => {
  const landmarks = extent(['state-installed'], ['state-installed', 'part-kept'])
  expect(unreached(config(members), 400, landmarks)).toEqual([])
})

it('a liar that alters what is in a batch proposes it under its digest, and members look into it', () => {
  expect(unreached(config(4, { adversary: 'mutate' }), 200, ['batch-refused'])).toEqual([])
})
