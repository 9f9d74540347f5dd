/** Beyond resilience the properties break, and what broke them becomes small. */
import { describe, expect, it } from 'vitest'
import { explain } from '../../src/laboratory/explain.ts'
import { type Recording, recordViolation, repeatRun } from '../../src/laboratory/recording.ts'
import { run } from '../../src/laboratory/run.ts'
import type { RunConfig } from '../../src/laboratory/run-config.ts'
import { type Shrunk, shrink } from '../../src/laboratory/shrink.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'

const config: RunConfig = {
  protocol: 'double-echo',
  members: 7,
  faults: 2,
  byzantine: 3,
  adversary: 'equivocate',
  links: 'ideal',
  crypto: 'symbolic',
  signedSend: false
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
