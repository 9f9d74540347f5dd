/** Each example runs as a reader runs it, and says what it promises. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createTestGroup } from '../../src/program/keys/test-group.ts'
import { byzkitJson, temporaryFolder } from '../cli/support.ts'
import { freePort } from '../ports.ts'
import { HANGS_MS } from '../waiting.ts'

const run = promisify(execFile)
const folder = new URL('../../examples/', import.meta.url)

async function runExample(name: string, ...args: string[]): Promise<string[]> {
  const path = fileURLToPath(new URL(name, folder))
  // The sources, so that no build has to come first.
  const { stdout, stderr } = await run(process.execPath, ['--conditions=byzkit-source', path, ...args], {
    timeout: HANGS_MS
  })
  expect(stderr).toBe('')
  return stdout.trim().split('\n').sort()
}

test('all examples are tested: histories by test/cli/check.test.ts, the two broadcasts and the register by own-protocol.test.ts, the steps to agreement by agreement.test.ts', () => {
  expect(readdirSync(folder).sort()).toEqual([
    'add-to-your-node.ts',
    'agreement',
    'broken-broadcast.ts',
    'campaign-workflow.yml',
    'fixed-broadcast.ts',
    'histories',
    'ledger.ts',
    'memory-transport.ts',
    'shared-notebook.ts',
    'signed-configuration.ts',
    'unsafe-register.ts'
  ])
})

test('campaign-workflow.yml: its jobs run the disjoint parts of a campaign', async () => {
  const text = await readFile(new URL('campaign-workflow.yml', folder), 'utf8')
  const [command = ''] = /npx byzkit (simulate[^#]*?--json)/.exec(text.replaceAll(/\s+/g, ' ')) ?? []
  const words = (shard: number) =>
    command
      .replace('npx byzkit ', '')
      .replace(/\$\{\{ matrix\.protocol \}\}/, 'double-echo')
      .replace(/\$\{\{ matrix\.shard \}\}/, String(shard))
      .replace(/\$\{\{ github\.event\.inputs\.seed \|\| '1' \}\}/, '1')
      .replace('--runs 200000', '--runs 16')
      .split(' ')
  const cwd = await temporaryFolder()
  const results = await Promise.all([1, 8].map((shard) => byzkitJson(words(shard), { cwd })))
  expect(results.map(({ runs, verdict }) => [runs, verdict])).toEqual([
    [2, 'ok'],
    [2, 'ok']
  ])
})

test('memory-transport.ts: four members in one process deliver what each broadcasts', async () => {
  const lines = await runExample('memory-transport.ts')
  const ranks = [0, 1, 2, 3]
  const expected = ranks.flatMap((at) =>
    ranks.map((from) => `member ${at} delivers "hello from member ${from}"`)
  )
  expect(lines).toEqual(expected.sort())
})

test('ledger.ts: what is paid is paid once, by who has it, and nothing is lost', async () => {
  expect(await runExample('ledger.ts')).toEqual(
    [
      'issuer: issue 100: has 100',
      'anna: issue 100: refused',
      'issuer: pay 60 anna: has 40',
      'anna: pay 20 bela: has 40',
      'bela: pay 21 issuer: refused',
      'anna: pay 25 bela: has 15',
      'anna: pay 25 bela: refused',
      'anna: pay 25 bela: refused',
      'issuer: balance: has 40',
      'anna: balance: has 15',
      'bela: balance: has 45',
      'in all there are 100'
    ].sort()
  )
})

test('add-to-your-node.ts: four processes of a group deliver what each broadcasts', async () => {
  // Not the demo group, whose ports somebody may be using.
  const out = await mkdtemp(join(tmpdir(), 'byzkit-'))
  onTestFinished(() => rm(out, { recursive: true }))
  const port = await freePort(4)
  const { files } = createTestGroup({ members: 4, clients: 0, host: '127.0.0.1', port, out })
  for (const { path, text } of files) await writeFile(path, text)
  const outputs = await Promise.all(
    ['0', '1', '2', '3'].map((rank) => runExample('add-to-your-node.ts', rank, out))
  )
  for (const lines of outputs)
    expect(lines).toEqual([0, 1, 2, 3].map((rank) => `member ${rank}: hello from member ${rank}`))
})

test('signed-configuration.ts: each version is read as it was written, and the liar is caught', async () => {
  expect(await runExample('signed-configuration.ts')).toEqual([
    'member 0 was caught: answers what no writer of configuration has signed',
    'version 1: motd = hello',
    'version 2: motd = hello again',
    'version 3: motd = goodbye'
  ])
})

test('shared-notebook.ts: everybody sees every page and the same title, with a member fewer', async () => {
  const lines = await runExample('shared-notebook.ts', String(await freePort(4)))
  expect(lines).toEqual([
    'Ada was here',
    'Barbara was here',
    'Frances was here',
    expect.stringMatching(/^The notebook of (Ada|Barbara|Frances) and others$/),
    'everybody sees the same'
  ])
})
