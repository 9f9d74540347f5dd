/** Beyond resilience the properties break, and what broke them becomes small. */
import { describe, expect, it } from 'vitest'
import broken from '../../examples/broken-broadcast.ts'
import { broadcastRequest } from '../../src/laboratory/abstractions/broadcasts.ts'
import { registerRequest } from '../../src/laboratory/abstractions/registers.ts'
import { explain } from '../../src/laboratory/explain.ts'
import { withoutMember } from '../../src/laboratory/fewer-members.ts'
import { type Recording, recordRun, recordViolation, repeatRun } from '../../src/laboratory/recording.ts'
import { run } from '../../src/laboratory/run.ts'
import { addStack, type RunConfig, requireStack } from '../../src/laboratory/run-config.ts'
import { type Shrunk, shrink } from '../../src/laboratory/shrink.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'

const config: RunConfig = {
  protocol: 'double-echo',
  members: 7,
  faults: 2,
  byzantine: 3,
  adversary: 'equivocate',
  links: 'ideal',
  crypto: 'symbolic'
}

const isViolated = (recording: Recording, property: string) =>
  repeatRun(recording).violations.some((violation) => violation.property === property)

function shrunkOf(of: RunConfig, property: string): Shrunk {
  for (let seed = 1; seed < 40; seed++) {
    if (!run(of, seed).violations.some((violation) => violation.property === property)) continue
    return shrink({ recording: recordViolation(of, seed, property), property })
  }
  throw new Error(`no run violates ${property}`)
}

describe.each([
  ['consistency', config],
  ['totality', { ...config, adversary: 'collude' }],
  ['consistency', { ...config, protocol: 'signed-echo' }],
  ['consistency', { ...config, links: 'real', members: 4, faults: 1, byzantine: 2 }]
] as const)('%s of $protocol over $links links', (property, of) => {
  const { recording, violation, minimal } = shrunkOf(of, property)

  it('is violated by name, by a handful of choices', () => {
    expect(violation.property).toBe(property)
    expect(isViolated(recording, property)).toBe(true)
    expect(recording.schedule.length).toBeLessThan(40)
  })

  it('is 1-minimal: without any one choice it holds', () => {
    expect(minimal).toBe(true)
    recording.schedule.forEach((_, index) => {
      const without = { ...recording, schedule: recording.schedule.filter((_, at) => at !== index) }
      expect(isViolated(without, property), `without choice ${index}`).toBe(false)
    })
  })

  it('is explained by a causal chain from a fault to the violation', () => {
    const events: TraceEvent[] = []
    const { violations } = repeatRun(recording, { sink: (event) => events.push(event) })
    const [found] = violations.filter((other) => other.property === property)
    if (found === undefined) throw new Error('violated')
    const chain = explain(events, found, recording.setup.byzantine).map((index) => events[index])
    expect(chain.length).toBeGreaterThan(0)
    expect(chain.length).toBeLessThan(12)
    expect(
      chain.some((event) => event !== undefined && recording.setup.byzantine.includes(event.process))
    ).toBe(true)
  })
})

it('shrinking keeps to the property: a run that violates another one is not taken', () => {
  const { recording } = shrunkOf({ ...config, adversary: 'collude' }, 'totality')
  expect(() => shrink({ recording, property: 'FIFO delivery' })).toThrow('does not violate FIFO delivery')
})

it('shrinking can be cut short, and then says so', () => {
  let runs = 0
  const { recording } = firstRecording('consistency')
  const { minimal, tried } = shrink({ recording, property: 'consistency', cancelled: () => ++runs > 3 })
  expect(minimal).toBe(false)
  expect(tried).toBeLessThan(40)
})

function firstRecording(property: string): { recording: Recording } {
  for (let seed = 1; ; seed++) {
    if (run(config, seed).violations.some((violation) => violation.property === property))
      return { recording: recordViolation(config, seed, property) }
  }
}

describe('a group that shrinks', () => {
  it('has one member at least', () => {
    const alone = { ...config, members: 1, faults: 0, byzantine: 0, adversary: null }
    expect(withoutMember(recordRun(alone, 1).behaved, 0)).toBeUndefined()
  })

  const silent: RunConfig = { ...config, adversary: 'silent' }
  // Beyond resilience by the liars, by f, and by both; those in which 2f + 1 is more than n do not work at all.
  const beyond: [protocol: string, members: number, faults: number, byzantine: number][] = [
    ['double-echo', 3, 1, 1],
    ['double-echo', 4, 1, 2],
    ['double-echo', 4, 2, 2],
    ['double-echo', 5, 1, 2],
    ['double-echo', 5, 2, 2],
    ['double-echo', 6, 1, 3],
    ['double-echo', 6, 2, 2],
    ['double-echo', 7, 2, 3],
    ['double-echo', 7, 3, 3],
    ['signed-echo', 5, 2, 2],
    ['authenticated-data-atomic-register', 4, 2, 1],
    ['masking-quorum-register', 4, 1, 1]
  ]

  it.each(beyond)('of %s, n = %i, f = %i, %i liars, stays one that works, and no further beyond', (...of) => {
    const [protocol, members, faults, byzantine] = of
    const { abstraction, resilience } = requireStack(protocol)
    const property = abstraction === 'register' ? 'termination' : 'validity'
    const shrunk = shrunkOf({ ...silent, protocol, members, faults, byzantine }, property)
    const { setup, schedule } = shrunk.recording
    const { liars, f } = { liars: setup.byzantine.length, f: setup.faults }
    expect(isViolated(shrunk.recording, property)).toBe(true)
    expect(f - resilience.largest(setup.members)).toBeLessThanOrEqual(faults - resilience.largest(members))
    expect(liars - f).toBeLessThanOrEqual(Math.max(0, byzantine - faults))
    if (setup.members < members) {
      // By a workload of its own: each asks once, and nothing goes wrong.
      const clients = Array.from({ length: setup.clients }, (_, client) => setup.members + client)
      const ranks = Array.from({ length: setup.members }, (_, rank) => rank)
      const works = repeatRun({
        setup: { ...setup, byzantine: [] },
        schedule:
          abstraction === 'register'
            ? clients.map((process, client) => registerRequest(process, 1, 5000, client === 0))
            : ranks.map((process) => broadcastRequest(process, 1, 5000, 7))
      })
      expect(works.violations).toEqual([])
      expect(works.result.history.events.length).toBeGreaterThan(2)
    }
    expect(shrunk.minimal).toBe(true)
    schedule.forEach((_, index) => {
      const without = { ...shrunk.recording, schedule: schedule.filter((__, at) => at !== index) }
      expect(isViolated(without, property), `without choice ${index}`).toBe(false)
    })
  })

  it.each([
    [4, 1],
    [5, 1],
    [6, 1],
    [7, 2]
  ])('within resilience, n = %i, f = %i, stays within, and tolerates a liar still', (members, faults) => {
    // Who has heard f + 1 echoes delivers.
    addStack(broken)
    const of = { ...config, protocol: broken.name, members, faults, byzantine: faults }
    const { recording, minimal } = shrunkOf(of, 'consistency')
    const { setup } = recording
    expect(broken.resilience.admits(setup.members, setup.faults)).toBe(true)
    expect(setup.faults).toBe(1)
    expect(setup.byzantine).toHaveLength(1)
    expect(isViolated(recording, 'consistency')).toBe(true)
    expect(minimal).toBe(true)
  })
})
