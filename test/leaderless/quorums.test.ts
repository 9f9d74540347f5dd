/** Which quorums may count on each other, for every size of a store's quorums and of an operation's. */
import { expect, test } from 'vitest'
import { REPLICAS_MAX } from '../../src/leaderless/constants.ts'
import { QuorumPolicy } from '../../src/leaderless/requests.ts'

const upTo = (most: number) => Array.from({ length: most }, (_, index) => index + 1)

test('regularity: a get and a put that are both regular have a replica in common', () => {
  let pairs = 0
  for (const replicas of upTo(REPLICAS_MAX))
    for (const storeR of upTo(replicas))
      for (const storeW of upTo(replicas)) {
        const policy = new QuorumPolicy(replicas, 'siblings', {
          replicas,
          r: storeR,
          w: storeW,
          sloppy: true
        })
        for (const r of upTo(replicas))
          for (const w of upTo(replicas)) {
            const get = policy.ofGet({ r, sloppy: true })
            const put = policy.ofPut({ w, sloppy: true })
            if (get.consistency !== 'regular' || put.consistency !== 'regular') continue
            pairs++
            expect(r + w, `r = ${r}, w = ${w} of ${replicas}: ${storeR}, ${storeW}`).toBeGreaterThan(replicas)
          }
      }
  expect(pairs).toBeGreaterThan(900)
})

test('where r + w is above the replicas by more than one, gets may await fewer, and puts may not', () => {
  const policy = new QuorumPolicy(4, 'siblings', { replicas: 4 })
  expect([policy.r, policy.w]).toEqual([3, 3])
  expect(policy.ofGet({ r: 2 }).consistency).toBe('regular')
  expect(policy.ofPut({ w: 2, sloppy: true }).consistency).toBe('eventual')
  expect(() => policy.ofPut({ w: 2 })).toThrow('r = 2 and w = 2 of 4 replicas: r + w is not above 4')
  expect(policy.ofPut({ w: 4 }).consistency).toBe('regular')
})
