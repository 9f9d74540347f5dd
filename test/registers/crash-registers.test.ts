/** The register stacks of the crash models in the laboratory: what they promise, and what they do not. */
import { describe, expect, test } from 'vitest'
import { crashRegisterStacks } from '../../src/catalogue/crash-registers.ts'
import { majorityVotingRegister } from '../../src/catalogue/majority-voting-register.ts'
import { regularToSingleReaderAtomicRegister } from '../../src/catalogue/regular-to-single-reader-atomic-register.ts'
import { checkRegister } from '../../src/checkers/registers.ts'
import { run } from '../../src/laboratory/run.ts'
import { addStack, seededRun } from '../../src/laboratory/run-config.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import type { RegisterStack } from '../../src/stacks/stack.ts'
import { crashConfig, hunted, unreached } from '../campaigns.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const RUNS = extent(8, 20)
/** Enough for states that few schedules reach. */
const HUNT_RUNS = 600

describe.each(crashRegisterStacks.map((stack) => [stack.name, stack] as const))('%s', (_, stack) => {
  test.each([3, 4, 5, 7])(`${stack.properties.join(', ')} at n = %i`, (members) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { violations } = run(crashConfig(stack, members), seed)
      expectNone(violations, `seed ${seed}`)
    }
  })

  test('reaches its landmarks', () => {
    expect(unreached(crashConfig(stack, 3), HUNT_RUNS, stack.landmarks)).toEqual([])
  })
})

test.each(
  crashRegisterStacks.filter(({ model }) => model.links === 'perfect').map((stack) => [stack.name, stack])
)('%s needs a majority of members: where more stop than f, operations do not return', (_, stack) => {
  const config = { ...crashConfig(stack, 3), faults: 2 }
  expect(stack.resilience.admits(3, 2)).toBe(false)
  const found = hunted(config, HUNT_RUNS, ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'termination' }])
})

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
  const found = hunted(crashConfig(claims, 3), HUNT_RUNS, ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'ordering' }])
})

test('what one reader remembers is no help to another: 4.3 with two readers is not atomic', () => {
  const { readers: _, ...stack } = regularToSingleReaderAtomicRegister
  const claims = claiming(stack, 'single-reader-atomic-with-two-readers')
  const found = hunted(crashConfig(claims, 3), HUNT_RUNS, ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'ordering' }])
})

test('a register with one reader is read by one process in every run', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { history } = simulate(seededRun(crashConfig(regularToSingleReaderAtomicRegister, 4), seed))
    const readers = history.events.filter((event) => event.kind === 'invoke' && event.name === 'read')
    expect(new Set(readers.map(({ process }) => process))).toEqual(new Set([5]))
    expectNone(checkRegister(history, ['ordering'], 'atomic'))
  }
})
