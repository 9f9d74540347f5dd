import { describe, expect, it } from 'vitest'
import { behavioursAgainst } from '../../src/adversary/index.ts'
import { stacks } from '../../src/catalogue/index.ts'
import { Campaign, LANDMARK_RUNS } from '../../src/laboratory/campaign.ts'
import { type RunOutcome, run } from '../../src/laboratory/run.ts'
import type { RunConfig } from '../../src/laboratory/run-config.ts'
import { expectNone } from '../violations.ts'

const config: RunConfig = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 0,
  adversary: null,
  links: 'ideal',
  crypto: 'symbolic'
}
const liar: RunConfig = { ...config, byzantine: 1, adversary: 'swarm' }

const outcome = (changes: Partial<RunOutcome> = {}): RunOutcome => ({
  seed: 1,
  messages: 1,
  digest: 'd',
  landmarks: [],
  overlapping: true,
  endless: false,
  violations: [],
  ...changes
})

function sumUp(of: RunConfig, outcomes: readonly RunOutcome[]) {
  const campaign = new Campaign(of, 1)
  for (const one of outcomes) campaign.add(one)
  return campaign.result()
}

describe('verdicts', () => {
  it('ok, where faults overlapped operations and nothing was violated', () => {
    expect(sumUp(config, [outcome()]).verdict).toBe('ok')
  })

  it('inconclusive, where no fault overlapped an operation', () => {
    const result = sumUp(config, [outcome({ overlapping: false })])
    expect(result).toMatchObject({ verdict: 'inconclusive', reason: 'no fault overlapped an operation' })
  })

  it('inconclusive, where a large swarm never reached a landmark', () => {
    const some = Array.from({ length: LANDMARK_RUNS }, () => outcome({ landmarks: [['restarted', 1]] }))
    expect(sumUp(liar, some)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('payload-pulled')
    })
    expect(sumUp(liar, some.slice(1)).verdict).toBe('ok')
  })

  it('inconclusive, where another adversary never led to what it is there for', () => {
    const some = Array.from({ length: LANDMARK_RUNS }, () => outcome({ landmarks: [['restarted', 1]] }))
    expect(sumUp({ ...liar, adversary: 'equivocate' }, some)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('equivocation-seen')
    })
    expect(sumUp({ ...liar, adversary: 'silent' }, some).reason).toBe(
      'never reached: session-ended, catch-up-used'
    )
    expect(sumUp(config, some).verdict).toBe('ok')
  })

  it.each(stacks.filter(({ model }) => model.liars))(
    '$name names what each adversary must lead to',
    ({ clients, orders, landmarksAgainst = {} }) => {
      const names = behavioursAgainst({ clients, orders })
        .map(({ name }) => name)
        .filter((name) => name !== 'swarm')
      expect(Object.keys(landmarksAgainst).sort()).toEqual(names.sort())
    }
  )

  it('violated, whatever else', () => {
    const violation = { property: 'totality', detail: 'd', at: 0 } as const
    const result = sumUp(config, [
      outcome({ overlapping: false }),
      outcome({ seed: 9, violations: [violation] })
    ])
    expect(result).toMatchObject({
      verdict: 'violated',
      violatedRuns: 1,
      violations: [{ seed: 9, property: 'totality' }]
    })
  })
})

describe('forms of fault tolerance', () => {
  const violating = (...properties: string[]) =>
    outcome({ violations: properties.map((property) => ({ property, detail: 'd', at: 0 })) })

  it.each<[string, RunOutcome[]]>([
    ['masking', [outcome()]],
    ['fail-safe', [outcome(), violating('totality')]],
    ['non-masking', [violating('consistency'), outcome()]],
    ['none', [violating('consistency'), violating('validity')]]
  ])('%s', (tolerance, outcomes) => {
    expect(sumUp(config, outcomes).tolerance).toBe(tolerance)
  })
})

describe('runs', () => {
  it('a run without liars is quiet for some seeds and not for others', () => {
    const overlapping = Array.from({ length: 150 }, (_, seed) => run(config, seed).overlapping)
    expect(overlapping).toContain(false)
    expect(overlapping).toContain(true)
  })

  it('real Ed25519 and HMAC over real links: the same stacks, the same verdict', () => {
    const real: RunConfig = { ...liar, protocol: 'signed-double-echo', links: 'real', crypto: 'real' }
    for (let seed = 0; seed < 3; seed++) expectNone(run(real, seed).violations)
  })
})
