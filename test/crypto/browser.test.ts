import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import type * as Crypto from '../../src/crypto/index.ts'
import { counting } from './support.ts'

const source = (name: string) => fileURLToPath(new URL(`../../src/crypto/${name}`, import.meta.url))

test('the public entry bundles for a browser without a Node built-in, and works there', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [source('index.ts')],
    // What the `browser` condition of #node-backend resolves to, before it was compiled.
    alias: { '#node-backend': source('node-backend.browser.ts') },
    bundle: true,
    format: 'esm',
    platform: 'browser', // fails on any import of node:*
    metafile: true,
    write: false
  })
  const inputs = Object.keys(metafile.inputs).join('\n')
  expect(inputs).not.toMatch(/node-backend\.ts|encrypted-key\.ts/)

  const code = Buffer.from(outputFiles[0]!.contents).toString('base64')
  const crypto: typeof Crypto = await import(`data:text/javascript;base64,${code}`)
  expect(crypto.nodeBackend).toBeUndefined()
  expect(crypto.defaultBackend.name).toBe('noble')

  const { publicKey, sign, verify } = crypto.defaultBackend
  const [seed, message] = [counting(32), counting(5)]
  expect(verify(publicKey(seed), message, sign(seed, message))).toBe(true)
  expect(crypto.decodePrivateKey(crypto.encodePrivateKey(seed))).toEqual(seed)
})
