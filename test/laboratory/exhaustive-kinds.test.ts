/**
 * The exhaustive exploration takes a stack of any kind: it passes the correct one, and finds what is wrong with one that
 * was weakened in a way that some schedule shows.
 */
import { describe, expect, it } from 'vitest'
import { authenticatedDataRegister } from '../../src/catalogue/authenticated-data-register.ts'
import { bestEffortBroadcast } from '../../src/catalogue/best-effort-broadcast.ts'
import { excludeOnTimeout } from '../../src/catalogue/exclude-on-timeout.ts'
import { authenticatedPerfectLinks, perfectLinks, stubbornLinks } from '../../src/catalogue/links.ts'
import { majorityMaxRegister } from '../../src/catalogue/majority-max-register.ts'
import { majorityVotingRegister } from '../../src/catalogue/majority-voting-register.ts'
import { abstractionOf } from '../../src/laboratory/abstractions/index.ts'
import { Exploration, type ExplorationInit } from '../../src/laboratory/exhaustive/exploration.ts'
import type { LinkStack } from '../../src/stacks/stack.ts'
import { extent } from '../extent.ts'
import { mailbox, mailboxProtocol } from '../fixtures/mailbox.ts'
import { expectNone } from '../violations.ts'
import {
  doublingLinks,
  hastyMaxRegister,
  hastyRegister,
  muteDetector,
  onceLinks,
  overtakenLinks,
  silentDetector
} from './weakened.ts'

type Init = Omit<ExplorationInit, 'faults'> & { readonly faults?: number }
type Case = readonly [name: string, init: Init]

function explore(init: Init) {
  const exploration = new Exploration({ faults: init.stack.resilience.largest(init.members), ...init })
  while (!exploration.advance(10_000));
  return exploration.result()
}

const propertiesOf = (init: Init) => explore(init).violations.map(({ property }) => property)

/** Links of which the first member sends alone. */
function oneWay(stack: LinkStack) {
  const { simplest, ...known } = abstractionOf(stack)
  const laboratory = {
    ...known,
    simplest: (n: number) => simplest(n, 0).filter(({ kind }, at) => at === 0 && kind === 'request')
  }
  return { ...stack, laboratory }
}

/** With so few states that `npm test` has time for them. */
const correct: readonly Case[] = [
  ['best-effort broadcast, n = 2', { stack: bestEffortBroadcast, members: 2 }],
  ['perfect failure detector, n = 2', { stack: excludeOnTimeout, members: 2 }],
  ['authenticated links with a liar, n = 3', { stack: authenticatedPerfectLinks, members: 3 }],
  ['stubborn links, n = 2, one way', { stack: oneWay(stubbornLinks), members: 2 }],
  ['perfect links, n = 2, one way', { stack: oneWay(perfectLinks), members: 2 }],
  ['a service of somebody else, n = 2', { stack: mailbox, members: 2 }],
  ['a regular register, n = 3, nobody stops', { stack: majorityVotingRegister, members: 3, faults: 0 }],
  ...extent<readonly Case[]>(
    [],
    [
      ['best-effort broadcast, n = 3', { stack: bestEffortBroadcast, members: 3 }],
      ['perfect failure detector, n = 3', { stack: excludeOnTimeout, members: 3 }],
      ['a regular register, n = 3', { stack: majorityVotingRegister, members: 3 }],
      ['a max-register, n = 3', { stack: majorityMaxRegister, members: 3 }],
      ['stubborn links, n = 2', { stack: stubbornLinks, members: 2 }],
      ['perfect links, n = 2', { stack: perfectLinks, members: 2 }]
    ]
  )
]

describe('a correct stack is as it should be in every state', () => {
  it.each(correct)('%s', (_, init) => {
    const result = explore(init)
    expectNone(result.violations)
    expect(result).toMatchObject({ verdict: 'ok', menu: [] })
    expect(result.states).toBeGreaterThan(20)
  })
})

describe('a weakened one is not', () => {
  it('a register that waits for one answer: a read misses a write that had returned', () => {
    const { violations } = explore({ stack: hastyRegister, members: 2, faults: 0 })
    expect(violations.map(({ property }) => property)).toEqual(['validity'])
    const words = violations[0]?.path.flatMap(({ tells }) => tells)
    expect(words?.slice(0, 3)).toEqual(['invokes 1: write m1', 'returns from 1', 'invokes 1: read'])
  })

  it('a max-register that waits for one answer', () => {
    expect(propertiesOf({ stack: hastyMaxRegister, members: 2, faults: 0 })).toEqual(['atomicity'])
  })

  it('a regular register that is said to be atomic: one read sees what the next one does not', () => {
    const promised = { consistency: 'atomic', properties: ['termination', 'atomicity'] } as const
    const stack = { ...majorityVotingRegister, ...promised }
    expect(propertiesOf({ stack, members: 3 })).toEqual(['atomicity'])
  })

  it.each([
    ['no duplication', 'doubled', doublingLinks],
    ['FIFO delivery', 'overtaken', overtakenLinks],
    ['stubborn delivery', 'lost', onceLinks]
  ])('links without %s: a frame that is %s', (property, disturbance, stack) => {
    const { violations } = explore({ stack, members: 2 })
    expect(violations.map((violation) => violation.property)).toEqual([property])
    expect(violations[0]?.path.map(({ kind }) => kind)).toContain(disturbance)
  })

  it('a detector that keeps what it sees to itself: nobody hears of a crash', () => {
    const { violations } = explore({ stack: silentDetector, members: 2 })
    expect(violations.map(({ property }) => property)).toEqual(['strong completeness'])
    expect(violations[0]?.path.map(({ kind }) => kind)).toContain('crash')
  })

  it('a detector whose members answer nothing names those who have not crashed', () => {
    expect(propertiesOf({ stack: muteDetector, members: 2 })).toEqual(['strong accuracy'])
  })

  it('a service of somebody else that names another sender, by his own check', () => {
    const stack = mailboxProtocol('misattributed', (from) => 1 - from)
    expect(propertiesOf({ stack, members: 2 })).toEqual(['no creation'])
  })

  it('best-effort broadcast that is said to be reliable: the sender stops, and one has its broadcast alone', () => {
    const { violations } = explore({
      stack: { ...bestEffortBroadcast, properties: ['totality'] },
      members: 3
    })
    expect(violations.map(({ property }) => property)).toEqual(['totality'])
    expect(violations[0]?.path.map(({ kind }) => kind)).toContain('crash')
  })

  it('too many liars for a register: who was written to denies it', () => {
    const { violations } = explore({ stack: authenticatedDataRegister, members: 3, faults: 0 })
    expect(violations.map(({ property }) => property)).toEqual(['validity'])
    expect(violations[0]?.path.some(({ from }) => from === 0)).toBe(true)
  })
})

it('a stack in which nothing can come about shows nothing', () => {
  const laboratory = { ...abstractionOf(stubbornLinks), simplest: () => [] }
  const { verdict, reason } = explore({ stack: { ...stubbornLinks, laboratory } as LinkStack, members: 2 })
  expect({ verdict, reason }).toEqual({
    verdict: 'inconclusive',
    reason: 'nothing was told or answered in any of its states'
  })
})
