/** The codec of the core against cborg, at length. */
import { expect, test } from 'vitest'
import { codecsAgree } from '../core/codec-agreement.ts'

test('it writes the bytes that cborg writes, and accepts what cborg accepts, read strictly: 1,000,000 times', () => {
  const { values, hostile } = codecsAgree(1_000_000, 2)
  expect(values + hostile).toBeGreaterThanOrEqual(1_000_000)
}, 600_000)
