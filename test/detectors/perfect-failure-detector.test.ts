/** Algorithm 2.5, Exclude on Timeout, line by line; and in runs, where members crash and messages take as long as they may. */
import { describe, expect, it } from 'vitest'
import { DETECTOR_TIMEOUT_MS } from '../../src/detectors/constants.ts'
import { PerfectFailureDetector } from '../../src/detectors/perfect-failure-detector.ts'
import { Campaign } from '../../src/laboratory/campaign.ts'
import { judge } from '../../src/laboratory/judge.ts'
import { run } from '../../src/laboratory/run.ts'
import { planRun, type RunConfig, simulation } from '../../src/laboratory/run-config.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import { SeededChoices } from '../../src/simulator/seeded-choices.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import { extent } from '../extent.ts'

const REQUEST = { type: 'HEARTBEATREQUEST' }
const REPLY = { type: 'HEARTBEATREPLY' }

function solo(n: number, self = 0) {
  const detected: number[] = []
  const p = new Solo({
    members: n,
    self,
    make: (env, ports) =>
      new PerfectFailureDetector(env, 'd', ports, { detected: (member) => detected.push(member) })
  })
  p.do((detector) => detector.restore())
  return { p, detected, round: () => p.passTime(DETECTOR_TIMEOUT_MS) }
}

describe.each([2, 4, 7])('n = %i', (n) => {
  const others = Array.from({ length: n - 1 }, (_, index) => index + 1)

  it('in the beginning all are alive: nobody is detected, and all are asked at the first timeout', () => {
    const { p, detected, round } = solo(n)
    p.passTime(DETECTOR_TIMEOUT_MS - 1)
    expect(p.sent).toEqual([])
    round()
    expect(p.sentOf('HEARTBEATREQUEST').map(({ to }) => to)).toEqual(others)
    expect(detected).toEqual([])
  })

  it('who has not replied at the next timeout is detected, once and for good, and not asked any more', () => {
    const { p, detected, round } = solo(n)
    round()
    for (const member of others.slice(1)) p.receive(member, 'd', REPLY)
    p.sent.length = 0
    round()
    expect(detected).toEqual([1])
    expect(p.landmarks).toEqual(['crash-detected'])
    expect(p.sentOf('HEARTBEATREQUEST').map(({ to }) => to)).toEqual(others.slice(1))
    p.receive(1, 'd', REPLY)
    for (const member of others.slice(1)) p.receive(member, 'd', REPLY)
    round()
    round()
    expect(detected.filter((member) => member === 1)).toEqual([1])
  })

  it('a reply counts for the round in which it comes, and for no later one', () => {
    const { p, detected, round } = solo(n)
    round()
    for (const member of others) p.receive(member, 'd', REPLY)
    round()
    expect(detected).toEqual([])
    round()
    expect(detected).toEqual(others)
  })

  it('whoever asks is answered, and nobody else', () => {
    const { p } = solo(n)
    p.receive(n - 1, 'd', REQUEST)
    expect(p.sent.map(({ to, message }) => [to, message.type])).toEqual([[n - 1, 'HEARTBEATREPLY']])
  })
})

const config = (members: number): RunConfig => ({
  protocol: 'exclude-on-timeout',
  members,
  faults: members - 1,
  byzantine: 0,
  adversary: null,
  links: 'ideal',
  crypto: 'symbolic'
})

describe('in runs', () => {
  it.each([2, 4, 7])('n = %i: strong completeness and strong accuracy, whoever crashes', (members) => {
    const campaign = new Campaign(config(members), 1)
    for (let seed = 1; seed <= extent(40, 400); seed++) campaign.add(run(config(members), seed))
    const { verdict, landmarks, violations } = campaign.result()
    expect({ verdict, violations }).toEqual({ verdict: 'ok', violations: [] })
    expect(landmarks['crash-detected']).toBeGreaterThan(5)
  })

  it('where messages may take longer than it relies on, it detects who is alive: the bound is no ornament', () => {
    const found = new Set<string>()
    for (let seed = 1; seed <= 10; seed++) {
      const { setup, rates } = planRun(config(4), seed)
      const late = { ...rates, latencyMsMax: DETECTOR_TIMEOUT_MS, latencyMsBound: DETECTOR_TIMEOUT_MS }
      const result = simulate(simulation(setup, new SeededChoices(seed, late, 4, [])))
      for (const { property } of judge(setup.protocol, result)) found.add(property)
    }
    expect([...found]).toEqual(['strong accuracy'])
  })
})
