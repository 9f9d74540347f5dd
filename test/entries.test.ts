/** The public entries export what applications and tests start from. Browsers: test/package/browser.test.ts. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import * as fastCheck from '../src/fast-check.ts'
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
  expect(testing).toMatchObject({
    broadcastProtocol: expect.any(Function),
    describeReliableBroadcast: expect.any(Function)
  })
  expect(fastCheck).toMatchObject({ recordings: expect.any(Function), schedules: expect.any(Function) })
  expect(protocols.stacks).toBe(byzkit.stacks)
  expect(protocols).toMatchObject({
    AuthenticatedDataSharedRegister: expect.any(Function),
    DoubleWriteRegister: expect.any(Function),
    KeyValueStore: expect.any(Function),
    LeaderlessStore: expect.any(Function),
    MaskingQuorumRegister: expect.any(Function)
  })
})

test('fast-check is an optional peer, and cborg the oracle of tests: no other entry reaches them', async () => {
  const result = await build({
    entryPoints: ['index', 'protocols', 'testing'].map((name) =>
      fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))
    ),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    conditions: ['byzkit-source'],
    metafile: true,
    write: false,
    outdir: 'unused'
  })
  const imported = Object.values(result.metafile.inputs).flatMap(({ imports }) =>
    imports.map(({ path }) => path)
  )
  expect(imported).toContain('@libp2p/crypto/keys')
  expect(imported).not.toContain('cborg')
  expect(imported).not.toContain('fast-check')
})
