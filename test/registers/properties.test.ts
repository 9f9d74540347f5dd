/**
 * The properties of the signed registers, by name, against every behaviour at b = f: among crashes of members and
 * clients, partitions and sessions that end, with clocks that are hours apart.
 */
import { describe, expect, it } from 'vitest'
import { behavioursAgainst } from '../../src/adversary/index.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { honest } from '../adversary/support.ts'
import { expectNone } from '../violations.ts'
import { campaign, named, reached, registerStack, returned, SIGNED_REGISTERS } from './support.ts'

const SIZES = [4, 5, 6, 7]
const RUNS = 2
/** Those that never say a false word: they must not be accused of one. */
const TRUTHFUL = ['silent', 'selective', 'withhold', 'delay', 'crash', 'stale', 'two-faced', 'amnesia']
/** Where values have bodies these can be seen: who goes back to a value that it has dropped cannot give its body. */
const SEEN_BY_BODIES = ['stale', 'two-faced', 'amnesia']
const FALSE_WITNESSES = ['invent', 'forge', 'mutate']

describe.each(SIGNED_REGISTERS)('%s', (stack) => {
  const { properties } = registerStack(stack)

  describe.each(behavioursAgainst({ clients: true }))('against $name', (behaviour) => {
    const campaigns = SIZES.map((members) =>
      campaign({ stack, members, byzantine: byzantineResilience(members), behaviour, runs: RUNS })
    )

    it.each(properties)('keeps %s at n = 4, 5, 6 and 7', (property) => {
      for (const { violations } of campaigns)
        expectNone(violations.filter((violation) => violation.property === property))
    })

    it('has operations to judge, and crashes among them', () => {
      for (const one of campaigns) expect(returned(one)).toBeGreaterThan(RUNS * 10)
      const sum = (landmark: string) => campaigns.reduce((of, one) => of + reached(one, landmark), 0)
      expect(sum('restarted')).toBeGreaterThan(0)
      expect(sum('stale-answer-outvoted')).toBeGreaterThan(0)
      const accusations = campaigns.reduce((of, one) => of + named(one), 0)
      const isSeen = stack === 'key-value-store' && SEEN_BY_BODIES.includes(behaviour.name)
      if (TRUTHFUL.includes(behaviour.name) && !isSeen) expect(accusations).toBe(0)
      if (FALSE_WITNESSES.includes(behaviour.name)) expect(accusations).toBeGreaterThan(0)
    })
  })

  it('the control: Byzantine members that do nothing Byzantine are not accused', () => {
    for (const members of SIZES) {
      const byzantine = byzantineResilience(members)
      const control = campaign({ stack, members, byzantine, behaviour: honest, runs: RUNS })
      expectNone(control.violations)
      expect(named(control)).toBe(0)
    }
  })
})
