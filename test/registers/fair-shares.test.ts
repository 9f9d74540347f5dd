import { expect, it } from 'vitest'
import { FairShares } from '../../src/registers/fair-shares.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'

const known = new Set(['a', 'b', 'c', 'd'])

it('whoever comes first may take its share and the common half; the others still have theirs', () => {
  const shares = new FairShares(80, known)
  expect(shares.hasRoom('a', 50)).toBe(true)
  expect(shares.hasRoom('a', 51)).toBe(false)
  shares.take('a', 50)
  expect(shares.hasRoom('a', 1)).toBe(false)
  for (const other of ['b', 'c', 'd']) {
    expect(shares.hasRoom(other, 10)).toBe(true)
    expect(shares.hasRoom(other, 11)).toBe(false)
    shares.take(other, 10)
  }
  shares.take('a', -15)
  expect(shares.hasRoom('d', 15)).toBe(true)
  expect(shares.hasRoom('d', 16)).toBe(false)
})

it('strangers have no share: together they take no more than the common half', () => {
  const shares = new FairShares(80, known)
  expect(shares.hasRoom('stranger', 41)).toBe(false)
  for (let stranger = 0; stranger < 40; stranger++) shares.take(`stranger ${stranger}`, 1)
  expect(shares.hasRoom('another', 1)).toBe(false)
  expect(shares.hasRoom('a', 10)).toBe(true)
})

it('what is taken where there is room never exceeds the total, and nobody is refused within its share', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new SeededRandom(seed, 'shares')
    const total = 8 + random.below(500)
    const shares = new FairShares(total, known)
    const share = Math.floor(total / 8)
    const taken = new Map<string, number>()
    for (let step = 0; step < 300; step++) {
      const who = ['a', 'b', 'c', 'd', 'x', 'y'][random.below(6)] as string
      const has = taken.get(who) ?? 0
      const amount = random.below(3) === 0 ? -random.below(has + 1) : random.below(40)
      if (amount > 0 && !shares.hasRoom(who, amount)) {
        expect(known.has(who) && has + amount <= share).toBe(false)
        continue
      }
      shares.take(who, amount)
      taken.set(who, has + amount)
      expect([...taken.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(total)
    }
  }
})
