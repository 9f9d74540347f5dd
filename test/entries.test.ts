/** The public entries export what applications and tests start from. Browsers: test/package/browser.test.ts. */
import { expect, test } from 'vitest'
import * as byzkit from '../src/index.ts'
import * as protocols from '../src/protocols.ts'
import * as testing from '../src/testing.ts'

test('byzkit and byzkit/testing export what applications and tests start from', () => {
  expect(byzkit).toMatchObject({
    byzantine: expect.any(Function),
    createNode: expect.any(Function),
    parseGroupFile: expect.any(Function)
  })
  expect(testing).toMatchObject({ simulate: expect.any(Function), checkBroadcast: expect.any(Function) })
  expect(protocols.stacks).toBe(byzkit.stacks)
})
