/** What `byzkit bench` refuses before it measures anything. */
import { expect, test } from 'vitest'
import { byzkit } from './support.ts'

test('a gate is asked for only where there is one', async () => {
  const { status, stdout, stderr } = await byzkit(['bench', 'register', '--gate'])
  expect(stderr).toBe('byzkit: --gate: register has no gate; links and broadcast have one\n')
  expect([status, stdout]).toEqual([2, ''])
})
