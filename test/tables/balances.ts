/**
 * What protocols and links count up and down (test/balances): after a workload of which all is acknowledged there is as
 * much as in the beginning. The workloads are drawn, the same ones each time: a few, since those that miscount do so soon.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { type Balance, leftAfter, workloadsOf } from '../balances/balance.ts'
import { broadcastBalances } from '../balances/broadcast.ts'
import { linkBalances } from '../balances/links.ts'
import { registerBalances } from '../balances/registers.ts'
import type { Row, Table } from './table.ts'

const WORKLOADS = 10
const SEED = 1

async function* rowsOf(balance: Balance): AsyncGenerator<Row> {
  const drawn = fc.sample(workloadsOf(balance), { numRuns: WORKLOADS, seed: SEED })
  for (const workload of [[], ...drawn]) {
    const left = await leftAfter(balance, workload)
    yield [
      isDeepStrictEqual(left, balance.whole),
      () =>
        `after ${workload.length} steps ${JSON.stringify(left)} is left, not ${JSON.stringify(balance.whole)}`
    ]
  }
}

export const balances: Table = Object.fromEntries(
  [...linkBalances, ...broadcastBalances, ...registerBalances].map((balance) => [
    balance.name,
    () => rowsOf(balance)
  ])
)
