/** The public entries: what they export runs where they say, and nothing in them waits for a build. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import * as byzkit from '../src/index.ts'
import * as protocols from '../src/protocols.ts'
import * as testing from '../src/testing.ts'

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

test('byzkit/protocols bundles for a browser without a Node built-in, and works there', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [source('protocols.ts')],
    bundle: true,
    format: 'esm',
    platform: 'browser', // fails on any import of node:*
    metafile: true,
    write: false
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.filter((path) => /libp2p|level|src\/(store|crypto|simulator|adversary)/.test(path))).toEqual(
    []
  )
  const code = Buffer.from(outputFiles[0]!.contents).toString('base64')
  const bundled: typeof protocols = await import(`data:text/javascript;base64,${code}`)
  expect(bundled.byzantineQuorum(7, 2)).toBe(5)
  expect(bundled.stacks.map(({ name }) => name)).toContain('byzantine-reliable-channel')
})

test('byzkit and byzkit/testing export what applications and tests start from', () => {
  expect(byzkit).toMatchObject({
    byzantine: expect.any(Function),
    createNode: expect.any(Function),
    parseGroupFile: expect.any(Function)
  })
  expect(testing).toMatchObject({ simulate: expect.any(Function), checkBroadcast: expect.any(Function) })
  expect(protocols.stacks).toBe(byzkit.stacks)
})
