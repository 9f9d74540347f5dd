import { expect, test } from 'vitest'
import { nobleBackend } from '../../src/crypto/index.ts'
import { HashRing } from '../../src/leaderless/hash-ring.ts'

const ranks = (n: number) => Array.from({ length: n }, (_, rank) => rank)
const ringOf = (members: readonly number[], replicas = 3) =>
  new HashRing(members, replicas, nobleBackend.sha256)
const KEYS = Array.from({ length: 5000 }, (_, index) => `key ${index}`)
const replicasOf = (ring: HashRing, key: string) => ring.replicasOf(ring.idOf(key))

test.each([4, 5, 7, 16])('balance: each of %i members keeps its share of the keys, within a third', (n) => {
  const ring = ringOf(ranks(n))
  const kept = ranks(n).map(() => 0)
  for (const key of KEYS) for (const rank of replicasOf(ring, key)) kept[rank]!++
  const share = (KEYS.length * 3) / n
  for (const keys of kept) expect(Math.abs(keys - share) / share).toBeLessThan(1 / 3)
})

test('the replicas of a key are distinct members, the same at everybody, and all of them where there are no more', () => {
  const [one, other] = [ringOf(ranks(7)), ringOf(ranks(7))]
  for (const key of KEYS.slice(0, 500)) {
    expect(new Set(replicasOf(one, key)).size).toBe(3)
    expect(replicasOf(one, key)).toEqual(replicasOf(other, key))
  }
  expect([...replicasOf(ringOf(ranks(3)), 'x')].sort()).toEqual([0, 1, 2])
})

test('consistent hashing: without a member only its own keys get another replica, and the others stay', () => {
  const whole = ringOf(ranks(7))
  const without = ringOf(ranks(7).filter((rank) => rank !== 4))
  for (const key of KEYS) {
    const before = replicasOf(whole, key)
    const after = replicasOf(without, key)
    if (before.includes(4)) expect(after.slice(0, 2)).toEqual(before.filter((rank) => rank !== 4))
    else expect(after).toEqual(before)
  }
})

test('neighbours are those that share a key', () => {
  const ring = ringOf(ranks(16), 2)
  for (const rank of ranks(16)) {
    const shared = KEYS.map((key) => replicasOf(ring, key)).filter((replicas) => replicas.includes(rank))
    for (const other of new Set(shared.flat()))
      if (other !== rank) expect(ring.neighboursOf(rank)).toContain(other)
  }
  expect(ringOf(ranks(3), 1).neighboursOf(0)).toEqual([])
})
