/** When a member may serve: not before enough others know of its life. */
import { describe, expect, it } from 'vitest'
import { createGroup } from '../../src/core/group.ts'
import { Serving } from '../../src/exchange/serving.ts'

const groupOf = (n: number, f: number) =>
  createGroup({
    id: new Uint8Array(32),
    f,
    publicKeys: Array.from({ length: n }, (_, rank) => new Uint8Array(32).fill(rank))
  })

/** How many other members must have met a member before it serves: found by trying. */
function needed(n: number, f: number): number {
  const serving = new Serving(groupOf(n, f), () => {})
  let met = 0
  while (!serving.mayServe) serving.sessionWith(++met)
  return met
}

const all = Array.from({ length: 30 }, (_, index) => index + 1).flatMap((n) =>
  Array.from({ length: Math.ceil(n / 3) }, (_, f) => [n, f] as const).filter(([, f]) => n > 3 * f)
)

describe('for all n up to 30, and all f with n > 3f', () => {
  it('those who met a member that served, and those whom it needs after it forgot, share a correct one', () => {
    for (const [n, f] of all.filter(([, faults]) => faults > 0)) {
      const others = n - 1
      // It counts as faulty itself.
      const faulty = f - 1
      const shared = 2 * needed(n, f) - others
      expect(shared, `n = ${n}, f = ${f}`).toBeGreaterThan(faulty)
    }
  })

  it('it needs no more than are there when all other faulty ones are silent', () => {
    for (const [n, f] of all) expect(needed(n, f), `n = ${n}, f = ${f}`).toBeLessThanOrEqual(n - 1 - f)
  })

  it('one fewer would not do, for some of them', () => {
    const tight = all.filter(([n, f]) => f > 0 && 2 * (needed(n, f) - 1) - (n - 1) <= f - 1)
    expect(tight.map(([n]) => n)).toEqual(expect.arrayContaining([4, 7, 10, 28]))
  })
})

it('counts a member once, and clients never; whoever was turned away is told, once', () => {
  const told: number[] = []
  const serving = new Serving(groupOf(7, 2), (process) => told.push(process))
  expect(serving.admits(9)).toBe(false)
  for (let session = 0; session < 10; session++) {
    serving.sessionWith(1)
    serving.sessionWith(7 + session)
  }
  for (const peer of [2, 3]) serving.sessionWith(peer)
  expect(serving.mayServe).toBe(false)
  expect(told).toEqual([])
  for (const peer of [4, 5]) serving.sessionWith(peer)
  expect(serving.admits(9)).toBe(true)
  expect(told).toEqual([9])
})
