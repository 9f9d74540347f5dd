/** Who is killed in a campaign, and who is started again. */
import { expect, it } from 'vitest'
import { Kills } from '../../chaos/kills.ts'
import type { ClusterPlan } from '../../src/cluster/plan.ts'
import { noTime } from './no-time.ts'

/** What is done to a cluster of three correct members, the last of four being a liar. */
function killed(enough: number) {
  const over = new AbortController()
  const done: string[] = []
  const plan = { members: 4, byzantine: [3], correct: [0, 1, 2] } as unknown
  const cluster = {
    plan: plan as ClusterPlan,
    kill: async (member: number) => void done.push(`kill ${member}`),
    async restart(member: number) {
      done.push(`restart ${member}`)
      if (done.length >= enough) over.abort()
    }
  }
  return { kills: new Kills(cluster, 1, noTime()), done, over: over.signal }
}

it('where processes recover: the correct ones in turn, each back before the next is killed', async () => {
  const { kills, done, over } = killed(8)
  await kills.inTurn(over)
  expect(done).toEqual([0, 1, 2, 0].flatMap((member) => [`kill ${member}`, `restart ${member}`]))
  expect(kills.count).toBe(4)
})

it('where they stop: as many different correct ones as may, and nobody is started again', async () => {
  for (const stops of [0, 1, 2, 3]) {
    const { kills, done } = killed(1)
    await kills.forGood(stops, 1000)
    expect(new Set(done).size).toBe(stops)
    expect(done).toHaveLength(stops)
    expect(done.every((what) => /^kill [012]$/.test(what))).toBe(true)
    expect(kills.count).toBe(stops)
  }
})
