/** The public entries export what applications and tests start from. Browsers: test/package/browser.test.ts. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import * as crypto from '../src/crypto/index.ts'
import * as fastCheck from '../src/fast-check.ts'
import * as byzkit from '../src/index.ts'
import * as protocols from '../src/protocols.ts'
import * as testing from '../src/testing.ts'
import * as watchdog from '../src/watchdog.ts'

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

/** What an entry exports, by its text; a type as `type Name`. */
function namesOf(entry: string): readonly string[] {
  const text = readFileSync(new URL(`../src/${entry}.ts`, import.meta.url), 'utf8')
  const declared = [...text.matchAll(/^export const (\w+)/gm)].map(([, name = '']) => name)
  const named = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = '', names = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => `${type || (name.startsWith('type ') ? 'type ' : '')}${/\w+$/.exec(name)?.[0]}`)
  )
  return [...declared, ...named].sort()
}

const pinned: { readonly [entry: string]: readonly string[] } = JSON.parse(
  readFileSync(new URL('./fixtures/public-names.json', import.meta.url), 'utf8')
)
const entries = {
  'crypto/index': crypto,
  'fast-check': fastCheck,
  index: byzkit,
  protocols,
  testing,
  watchdog
}

/** Whoever changes one says so in the changelog, and then writes it there. */
test.each(Object.entries(entries))(
  'the public names of %s are those that are promised',
  (entry, exported) => {
    const names = namesOf(entry)
    expect(names).toEqual(pinned[entry])
    expect(names.filter((name) => !name.startsWith('type '))).toEqual(Object.keys(exported).sort())
  }
)

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
