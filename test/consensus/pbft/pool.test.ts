/** Requests that wait: each source in turn, none twice, and no more of one than there may be. */
import { expect, test } from 'vitest'
import { BATCH_BYTES_MAX, PENDING_REQUESTS_MAX } from '../../../src/consensus/pbft/constants.ts'
import { Pool } from '../../../src/consensus/pbft/pool.ts'
import { nobleBackend } from '../../../src/crypto/index.ts'

const pool = () => new Pool(nobleBackend.sha256)
const request = (...bytes: number[]) => Uint8Array.from(bytes)

test('of each source one in turn, each source in its order (known failure 11)', () => {
  const own = pool()
  for (const number of [1, 2, 3]) own.add(0, request(0, number), true)
  own.add(1, request(1, 1), true)
  own.add(2, request(2, 1), false)
  expect(own.take(4).map((one) => [...one])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
    [0, 2]
  ])
  expect(own.take(4).map((one) => [...one])).toEqual([[0, 3]])
  expect(own.size).toBe(0)
})

test('one that waits already is not added again; from who signed it, it stays when the view is left', () => {
  const own = pool()
  expect(own.add(2, request(1), false)).toBe(true)
  expect(own.add(3, request(1), false)).toBe(false)
  expect(own.add(1, request(1), true)).toBe(true)
  expect(own.add(1, request(1), true)).toBe(false)
  own.add(2, request(2), false)
  own.take(2)
  own.leave()
  expect([...own.own.values()].map((envelope) => [...envelope])).toEqual([[1]])
  expect(own.take(2).map((one) => [...one])).toEqual([[1]])
})

test('no more of one source than there may be, and another has its place', () => {
  const own = pool()
  for (let number = 0; number < PENDING_REQUESTS_MAX; number++)
    expect(own.add(0, request(number >> 8, number & 255), true)).toBe(true)
  expect(own.add(0, request(9, 9, 9), true)).toBe(false)
  expect(own.add(1, request(9, 9, 9), true)).toBe(true)
  own.ordered(request(0, 0))
  expect(own.add(0, request(8, 8, 8), true)).toBe(true)
})

test('what is taken fits a batch', () => {
  const own = pool()
  const large = BATCH_BYTES_MAX / 4
  for (const first of [1, 2, 3, 4, 5]) own.add(first, new Uint8Array(large).fill(first), true)
  expect(own.take(5)).toHaveLength(3)
  expect(own.take(5)).toHaveLength(2)
})
