/** The tests of one stack against every behaviour at b = f: shared by the files that name the stacks. */
import { describe, expect, it } from 'vitest'
import { behavioursAgainst } from '../../src/adversary/index.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'
import { campaign, deliveriesFromByzantine, deliveriesIfCorrect, effectOf, honest, named } from './support.ts'

const RUNS = extent(2, 6)
const SIZES = [4, 5, 6, 7]
/** Those that never say a false word: they must not be accused of one. */
const TRUTHFUL = ['silent', 'selective', 'withhold', 'delay', 'crash']

export function withstandsEveryBehaviour(stack: string): void {
  const against = behavioursAgainst({}).map((behaviour, index) => ({ behaviour, index }))
  describe.each(against)(`${stack} against $behaviour.name`, ({ behaviour, index }) => {
    it.each(SIZES.filter((size) => extent(size % 2 === index % 2, true)))(
      'keeps its properties at n = %i, and shows the effect',
      (members) => {
        const byzantine = byzantineResilience(members)
        const init = { stack, members, byzantine, runs: RUNS }
        const result = campaign({ ...init, behaviour })
        expectNone(result.violations)
        expect(effectOf(behaviour, result, () => campaign({ ...init, behaviour: honest }))).toBeGreaterThan(0)
        if (TRUTHFUL.includes(behaviour.name)) expect(named(result)).toBe(0)
        if (behaviour.name === 'delay') {
          expect(deliveriesFromByzantine(result).count).toBe(deliveriesIfCorrect(result))
        }
      }
    )
  })

  it.each(SIZES)(`${stack}: the control at n = %i does nothing Byzantine`, (members) => {
    const byzantine = byzantineResilience(members)
    const control = campaign({ stack, members, byzantine, runs: RUNS, behaviour: honest })
    expectNone(control.violations)
    expect(named(control)).toBe(0)
    expect(deliveriesFromByzantine(control).count).toBe(deliveriesIfCorrect(control))
  })
}
