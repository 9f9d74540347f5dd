/** The register stacks of the crash models in the laboratory: what they promise, and what they do not. */
import { describe, expect, test } from 'vitest'
import { checkRegister } from '../../src/checkers/registers.ts'
import { type RunOutcome, run } from '../../src/laboratory/run.ts'
import { addStack, type RunConfig, seededRun } from '../../src/laboratory/run-config.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import { crashRegisterStacks } from '../../src/stacks/crash-registers.ts'
import { majorityVotingRegister } from '../../src/stacks/majority-voting-register.ts'
import { regularToSingleReaderAtomicRegister } from '../../src/stacks/regular-to-single-reader-atomic-register.ts'
import type { RegisterStack } from '../../src/stacks/stack.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const RUNS = extent(8, 20)
/** Enough for states that few schedules reach. */
const HUNT_RUNS = 600

const configOf = ({ name, resilience }: RegisterStack, members: number): RunConfig => ({
  protocol: name,
  members,
  faults: resilience.largest(members),
  byzantine: 0,
  adversary: null,
  links: 'ideal',
  crypto: 'symbolic',
  signedSend: false
})

/** The first run that satisfies it. */
function hunted(config: RunConfig, isIt: (outcome: RunOutcome) => boolean): RunOutcome | undefined {
  for (let seed = 1; seed <= HUNT_RUNS; seed++) {
    const outcome = run(config, seed)
    if (isIt(outcome)) return outcome
  }
  return undefined
}

describe.each(crashRegisterStacks.map((stack) => [stack.name, stack] as const))('%s', (_, stack) => {
  test.each([3, 4, 5, 7])(`${stack.properties.join(', ')} at n = %i`, (members) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { violations } = run(configOf(stack, members), seed)
      expectNone(violations, `seed ${seed}`)
    }
  })

  test('reaches its landmarks', () => {
    const missing = new Set(stack.landmarks)
    hunted(configOf(stack, 3), ({ landmarks }) => {
      for (const [name] of landmarks) missing.delete(name)
      return missing.size === 0
    })
    expect([...missing]).toEqual([])
  })
})

test.each(crashRegisterStacks.filter(({ perfectLinks }) => perfectLinks).map((stack) => [stack.name, stack]))(
  '%s needs a majority of members: where more stop than f, operations do not return',
  (_, stack) => {
    const config = { ...configOf(stack, 3), faults: 2 }
    expect(stack.resilience.admits(3, 2)).toBe(false)
    const found = hunted(config, ({ violations }) => violations.length > 0)
    expect(found?.violations).toMatchObject([{ property: 'termination' }])
  }
)

/** As another stack, which promises more than it keeps. */
function claiming(stack: RegisterStack, name: string): RegisterStack {
  const claims: RegisterStack = {
    ...stack,
    name,
    consistency: 'atomic',
    properties: ['termination', 'validity', 'ordering']
  }
  addStack(claims)
  return claims
}

test('majority voting alone is regular and not atomic: a later read may return an older value', () => {
  const claims = claiming(majorityVotingRegister, 'majority-voting-as-atomic')
  const found = hunted(configOf(claims, 3), ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'ordering' }])
})

test('what one reader remembers is no help to another: 4.3 with two readers is not atomic', () => {
  const { readers: _, ...stack } = regularToSingleReaderAtomicRegister
  const claims = claiming(stack, 'single-reader-atomic-with-two-readers')
  const found = hunted(configOf(claims, 3), ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'ordering' }])
})

test('a register with one reader is read by one process in every run', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { history } = simulate(seededRun(configOf(regularToSingleReaderAtomicRegister, 4), seed))
    const readers = history.events.filter((event) => event.kind === 'invoke' && event.f === 'read')
    expect(new Set(readers.map(({ process }) => process))).toEqual(new Set([5]))
    expectNone(checkRegister(history, ['ordering'], 'atomic'))
  }
})
