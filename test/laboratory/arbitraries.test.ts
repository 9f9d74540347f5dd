/** byzkit/fast-check: what it draws are runs, which replay; what breaks a protocol becomes small, as data. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import broken from '../../examples/broken-broadcast.ts'
import { findBehaviour } from '../../src/adversary/index.ts'
import { byzantineReliableChannel } from '../../src/catalogue/byzantine-reliable-channel.ts'
import { doubleEcho } from '../../src/catalogue/double-echo.ts'
import { stacks } from '../../src/catalogue/index.ts'
import { adversaries, groups, recordings } from '../../src/fast-check.ts'
import { readChoice } from '../../src/laboratory/choice-file.ts'
import { type Recording, repeatRun } from '../../src/laboratory/recording.ts'
import { readSetup } from '../../src/laboratory/setup-file.ts'
import { isAnswer, NEVER_US, pointOf } from '../../src/simulator/schedule.ts'
import { extent } from '../extent.ts'
import { mailboxProtocol } from '../fixtures/mailbox.ts'
import { expectNone } from '../violations.ts'
import {
  doublingLinks,
  hastyMaxRegister,
  hastyRegister,
  onceLinks,
  overtakenLinks,
  silentDetector
} from './weakened.ts'

const seed = 1

const RUNS = extent(6, 100)

it.each(stacks)('$name: whatever is drawn of it violates nothing', (stack) => {
  const holds = (recording: Recording): void => {
    expectNone(repeatRun(recording).violations)
  }
  fc.assert(fc.property(recordings(stack), holds), { seed, numRuns: RUNS })
})

it.each(stacks)('$name: what it draws is within its model, and a trace file can hold it', (stack) => {
  const { name, model } = stack
  const { crashes, links, liars, timing } = model
  const drawn = fc.sample(recordings(stack), { seed, numRuns: extent(20, 40) })
  for (const { setup, schedule } of drawn) {
    expect(readSetup(setup)).toEqual(setup)
    for (const choice of schedule) expect(readChoice(choice)).toEqual(choice)
    const forGood = schedule.filter((choice) => choice.kind === 'crash' && choice.until === NEVER_US)
    expect(forGood.length).toBeLessThanOrEqual(crashes === 'stop' ? setup.faults : 0)
  }
  const kinds = new Set<string>(drawn.flatMap(({ schedule }) => schedule.map(({ kind }) => kind)))
  expect(kinds.has('request')).toBe(name !== 'exclude-on-timeout')
  expect(kinds.has('crash')).toBe(crashes !== 'none')
  expect(kinds.has('crash-on')).toBe(crashes === 'recover')
  expect(kinds.has('end-session')).toBe(links === 'sessions')
  expect(kinds.has('lose')).toBe(links === 'fair-loss')
  expect(kinds.has('partition')).toBe(timing !== 'bounded')
  expect(kinds.has('act')).toBe(liars)
})

describe('finds what is wrong with a weakened stack, and shrinks it', () => {
  it.each([
    { stack: hastyRegister, violated: 'validity', choicesMax: 8 },
    { stack: hastyMaxRegister, violated: 'atomicity', choicesMax: 8 },
    { stack: doublingLinks, violated: 'no duplication', choicesMax: 3 },
    { stack: overtakenLinks, violated: 'FIFO delivery', choicesMax: 4 },
    { stack: onceLinks, violated: 'stubborn delivery', choicesMax: 3 },
    { stack: silentDetector, violated: 'strong completeness', choicesMax: 2 },
    {
      stack: mailboxProtocol('misattributing-mailbox', (from) => from + 1),
      violated: 'no creation',
      choicesMax: 2
    }
  ])('$stack.name: $violated', ({ stack, violated, choicesMax }) => {
    const property = fc.property(
      recordings(stack, { membersMax: 4 }),
      (recording) => repeatRun(recording).violations.length === 0
    )
    const { counterexample } = fc.check(property, { seed, numRuns: 200 })
    const [recording] = counterexample ?? []
    if (recording === undefined) throw new Error('a counterexample')
    expect(repeatRun(recording).violations.map((violation) => violation.property)).toContain(violated)
    expect(recording.schedule.length).toBeLessThanOrEqual(choicesMax)
  })
})

describe.each([doubleEcho, byzantineReliableChannel])('$name', (stack) => {
  it('violates nothing, whatever fast-check draws', () => {
    const holds = (recording: Recording): void => {
      expectNone(repeatRun(recording).violations)
    }
    fc.assert(fc.property(recordings(stack), holds), { seed, numRuns: extent(20, 200) })
  })

  it('a recording is a run that a trace file can hold, without a choice that contradicts another', () => {
    fc.assert(
      fc.property(recordings(stack), ({ setup, schedule }) => {
        expect(readSetup(setup)).toEqual(setup)
        for (const choice of schedule) expect(readChoice(choice)).toEqual(choice)
        const points = schedule.filter(isAnswer).map(pointOf)
        expect(new Set(points).size).toBe(points.length)
        expect(schedule.some(({ kind }) => kind === 'request')).toBe(true)
      }),
      { seed, numRuns: extent(40, 100) }
    )
  })
})

it('what it draws has every kind of fault in it, and lies that correct members see', () => {
  const drawn = fc.sample(recordings(doubleEcho, { adversaries: [null] }), { seed, numRuns: 200 })
  const kinds = new Set(drawn.flatMap(({ schedule }) => schedule.map(({ kind }) => kind)))
  for (const kind of ['act', 'crash', 'crash-on', 'delay', 'end-session', 'partition', 'sync-fails'])
    expect(kinds).toContain(kind)
  const landmarks = new Set(drawn.flatMap((recording) => [...repeatRun(recording).result.landmarks.keys()]))
  for (const name of ['equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'restarted'])
    expect(landmarks).toContain(name)
})

it('finds the bug of the broken broadcast with nothing but lies as data, and shrinks it to a few of them', () => {
  const property = fc.property(
    recordings(broken, { membersMax: 4, adversaries: [null] }),
    (recording) => repeatRun(recording).violations.length === 0
  )
  const { failed, counterexample } = fc.check(property, { seed, numRuns: 200 })
  expect(failed).toBe(true)
  const [recording] = counterexample ?? []
  if (recording === undefined) throw new Error('a counterexample')
  expect(repeatRun(recording).violations).toMatchObject([{ property: 'consistency' }])
  expect(recording.schedule.length).toBeLessThan(10)
  // The first choice is always a broadcast; every other one is needed.
  for (let i = 1; i < recording.schedule.length; i++) {
    const schedule = recording.schedule.filter((_, at) => at !== i)
    expectNone(repeatRun({ ...recording, schedule }).violations, `without choice ${i}`)
  }
})

it('groups are within the resilience, and adversaries exist', () => {
  for (const { resilience } of stacks)
    fc.assert(
      fc.property(groups(resilience, { membersMax: 20 }), ({ members, faults }) =>
        resilience.admits(members, faults)
      )
    )
  fc.assert(fc.property(adversaries(), (name) => findBehaviour(name) !== undefined))
})
