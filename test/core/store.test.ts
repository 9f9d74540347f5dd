import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromNumericKey, numericKey } from '../../src/core/store.ts'

test('numeric keys sort as their numbers, and give them back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      expect(fromNumericKey(numericKey(a))).toBe(a)
      expect(Math.sign(a - b)).toBe(
        numericKey(a) < numericKey(b) ? -1 : numericKey(a) > numericKey(b) ? 1 : 0
      )
    })
  )
  expect(numericKey(Number.MAX_SAFE_INTEGER)).toHaveLength(numericKey(0).length)
})
