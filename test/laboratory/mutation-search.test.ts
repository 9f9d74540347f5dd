/** Search by mutation of schedules that reached something new. */
import { expect, it } from 'vitest'
import { MutationSearch } from '../../src/laboratory/mutation-search.ts'
import { repeatRun } from '../../src/laboratory/recording.ts'
import type { RunConfig } from '../../src/laboratory/run-config.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const config: RunConfig = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'swarm',
  links: 'ideal',
  crypto: 'symbolic',
  search: 'mutation'
}

it('is determined by its seed', () => {
  const digests = (seed: number) => {
    const search = new MutationSearch(config, seed)
    return Array.from({ length: extent(12, 30) }, () => search.next().digest)
  }
  expect(digests(1)).toEqual(digests(1))
  expect(digests(1)).not.toEqual(digests(2))
})

it('within resilience it finds nothing', () => {
  const search = new MutationSearch(config, 3)
  for (let i = 0; i < extent(40, 80); i++) expectNone(search.next().violations)
})

it('beyond resilience, a run that it changed and that violates a property replays alone', () => {
  const search = new MutationSearch({ ...config, byzantine: 2, adversary: 'equivocate' }, 1)
  let replayed = 0
  for (let i = 0; i < 60; i++) {
    const { recording, violations, digest } = search.next()
    if (recording === undefined) continue
    const again = repeatRun(recording)
    expect(again.violations).toEqual(violations)
    expect(again.result.digest).toBe(digest)
    replayed++
  }
  expect(replayed).toBeGreaterThan(0)
})
