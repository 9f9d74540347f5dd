/** After any workload, when all is settled, every balance is what it was: neither short nor over, and it does not drift. */
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { extent } from '../extent.ts'
import { type Balance, leftAfter, workloadsOf } from './balance.ts'
import { broadcastBalances } from './broadcast.ts'
import { counted, NO_BALANCES } from './counted.ts'
import { libp2pBalances } from './libp2p.ts'
import { linkBalances } from './links.ts'
import { registerBalances } from './registers.ts'

const BALANCES: readonly Balance[] = [
  ...linkBalances,
  ...broadcastBalances,
  ...registerBalances,
  ...libp2pBalances
]

const SEED = 1

afterEach(() => {
  vi.useRealTimers()
})

describe.each(BALANCES)('$name', (balance) => {
  const { whole, runs = 40 } = balance

  test('whatever was done', async () => {
    expect(await leftAfter(balance, [])).toEqual(whole)
    await fc.assert(
      fc.asyncProperty(workloadsOf(balance), async (workload) => {
        expect(await leftAfter(balance, workload)).toEqual(whole)
      }),
      { numRuns: extent(runs, 2 * runs), seed: SEED }
    )
  })
})

test('whatever the source counts has a balance here, or is said to need none', () => {
  const found = counted()
  const known = [...BALANCES.flatMap(({ counts }) => counts), ...Object.values(NO_BALANCES).flat()]
  expect(found.filter((each) => !known.includes(each))).toEqual([])
  expect(known.filter((each) => !found.includes(each))).toEqual([])
  expect(known.filter((each, at) => known.indexOf(each) !== at)).toEqual([])
})
