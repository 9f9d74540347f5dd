/** Every property of every table holds of all its rows. */
import { describe, expect, test } from 'vitest'
import { tables } from './index.ts'
import { judgeRows } from './table.ts'

/** Balances are tested with many more workloads in test/balances, by the same check. */
const { balances: _, ...others } = tables

for (const [name, load] of Object.entries(others)) {
  const table = await load()
  describe(name, () => {
    test.each(Object.entries(table))('%s', async (_, rows) => {
      const judged = await judgeRows(rows())
      expect(judged.wrong).toBeUndefined()
      expect(judged.rows).toBeGreaterThan(0)
    })
  })
}
