/** Whom the phases of a group with a leader strike: never more than f, and nobody who is still to lie but by a cable. */
import { describe, expect, it } from 'vitest'
import { phasesOf, strickenIn } from '../../src/cluster/phases.ts'
import { CLUSTER_MEMBERS_MAX, type ClusterPlan, planCluster, planLed } from '../../src/cluster/plan.ts'

const sizes = Array.from({ length: CLUSTER_MEMBERS_MAX - 3 }, (_, index) => 4 + index)
const stack = 'signed-byzantine-reliable-channel'

async function led(members: number, byzantine?: number): Promise<ClusterPlan> {
  const plan = planLed(
    await planCluster({ members, stack, ...(byzantine === undefined ? {} : { byzantine }) })
  )
  if (plan === undefined) throw new Error('no group with a leader')
  return plan
}

describe('the group with a leader', () => {
  it.each(sizes)(
    'has as many liars as the group of the tour, n = %i, and none among the first leaders',
    async (n) => {
      const plan = await led(n)
      expect(plan.byzantine).toHaveLength(plan.f)
      expect(Math.min(...plan.byzantine)).toBe(2)
      const all = [...plan.correct, ...plan.byzantine].sort((a, b) => a - b)
      expect(all).toEqual(Array.from({ length: n }, (_, rank) => rank))
    }
  )

  it.each(sizes)('has at most f dead, cut off or lying at once, whoever leads, n = %i', async (n) => {
    for (let byzantine = 0; byzantine <= (await led(n)).f; byzantine++) {
      const plan = await led(n, byzantine)
      for (const name of phasesOf(plan))
        for (const leader of name === 'leader killed' ? plan.correct : plan.correct.concat(plan.byzantine)) {
          const { dead, cutOff, lying } = strickenIn(name, leader, plan)
          const all = [...dead, ...cutOff, ...lying]
          expect(new Set(all).size).toBe(all.length)
          expect(all.length).toBeLessThanOrEqual(plan.f)
          if (name !== 'leader lies') expect(all).toContain(leader)
          // Whoever is to lie keeps nothing that a crash could leave.
          for (const member of dead) expect(plan.byzantine).not.toContain(member)
        }
    }
  })

  it.each([
    ['silent', 'silent'],
    ['forge+garbage', 'forge+garbage'],
    ['equivocate+perjure', 'equivocate'],
    ['perjure', 'equivocate'],
    ['stale+two-faced', 'equivocate']
  ])('under %s has leaders who lie about what leaders say: %s', async (behaviour, shown) => {
    const plan = planLed(await planCluster({ members: 4, stack, behaviour }))
    expect(plan?.behaviour?.name).toBe(shown)
  })

  it('is not betrayed where nobody lies', async () => {
    expect(phasesOf(await led(4, 0))).toEqual(['leader killed', 'leader cut off'])
  })

  it.each([
    ['a tour of another stack', { members: 4, stack: 'signed-echo' }],
    ['a group that tolerates nobody', { members: 3, stack }],
    ['more liars than f', { members: 4, stack, byzantine: 2, beyondResilience: true }]
  ])('is not visited by %s', async (_, options) => {
    expect(planLed(await planCluster(options))).toBe(undefined)
  })
})
