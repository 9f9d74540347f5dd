/** What lies close together in a ring is what a Map would have, in the order of the numbers. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NearNumbers } from '../../src/core/near-numbers.ts'

const change = fc.record({ isSet: fc.boolean(), offset: fc.nat(40), moves: fc.nat(3) })

describe('a map of numbers that lie close together', () => {
  it('has what a Map has, while they move on', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.array(change, { maxLength: 200 }), (first, changes) => {
        const near = new NearNumbers<number>()
        const map = new Map<number, number>()
        let from = first
        for (const [at, { isSet, offset, moves }] of changes.entries()) {
          const number = from + offset
          if (isSet) {
            near.set(number, at)
            map.set(number, at)
          } else expect(near.delete(number)).toBe(map.delete(number))
          from += moves
          const numbers = [...map.keys()].sort((a, b) => a - b)
          expect(near.keys()).toEqual(numbers)
          expect(near.values()).toEqual(numbers.map((one) => map.get(one)))
          for (let one = from - 50; one < from + 50; one++)
            expect([near.has(one), near.get(one)]).toEqual([map.has(one), map.get(one)])
        }
      })
    )
  })

  it('begins anywhere, once it is empty', () => {
    const near = new NearNumbers<string>()
    near.set(3, 'a')
    near.delete(3)
    near.set(2 ** 52, 'b')
    expect(near.keys()).toEqual([2 ** 52])
    near.set(2 ** 52 - 1, 'c')
    expect(near.values()).toEqual(['c', 'b'])
  })

  it('has those at the same place of the ring one after the other', () => {
    const near = new NearNumbers<string>()
    near.set(0, 'a')
    near.delete(0)
    near.set(16, 'b')
    expect([near.get(0), near.get(16), near.get(32)]).toEqual([undefined, 'b', undefined])
  })
})
