/** The TypeScript in the documents compiles; what they say can be run, runs. */
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTestGroup } from '../../src/program/keys/test-group.ts'
import { startClientGroup } from '../cli/client-group.ts'
import { byzkit, byzkitJson } from '../cli/support.ts'
import { freePort } from '../ports.ts'
import { blocks } from './documents.ts'
import { nameOf, snippetFolder, snippets, typeErrors, WRONG } from './snippets.ts'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof snippetFolder>>

beforeAll(async () => {
  folder = await snippetFolder()
})
afterAll(() => folder.remove())

const fileOf = (word: string): string => {
  const found = snippets.find(({ info }) => info.split(' ').includes(word))
  if (found === undefined) throw new Error(`no block is marked ${word}`)
  return join(folder.path, nameOf(found))
}

test('all of them compile, and one that does not is found', async () => {
  expect(snippets.length).toBeGreaterThan(3)
  expect(await typeErrors(folder.path)).toMatch(
    new RegExp(`^[^\\n]*${WRONG}\\(2,12\\): error TS2345: [^\\n]+\\n$`)
  )
})

const runnable = ['simulation', 'inspection']
test.each(runnable)('the block marked %s runs, and finds what it looks for', async (word) => {
  const { stdout, stderr } = await run(process.execPath, ['--conditions=byzkit-source', fileOf(word)])
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^seed \d+: member \d delivered broadcast/)
})

test('the protocol of docs/bring-your-own.md is one, and holds; a check of its own is judged', async () => {
  const words = ['--runs', '10', '--workers', '1']
  const own = await byzkitJson(['simulate', fileOf('own-protocol'), ...words])
  expect(own).toMatchObject({ protocol: 'my-protocol', verdict: 'ok', violations: [] })
  const service = await byzkitJson(['simulate', fileOf('own-service'), ...words])
  expect(service).toMatchObject({ protocol: 'my-service', verdict: 'ok', violations: [] })
  const { status, stdout } = await byzkit([
    'simulate',
    fileOf('own-checks'),
    '--runs',
    '1',
    '--trace',
    '/dev/null'
  ])
  expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining('validity violated') })
})

test('the property of docs/bring-your-own.md holds', async () => {
  const { stdout, stderr } = await run(process.execPath, ['--conditions=byzkit-source', fileOf('fast-check')])
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
})

test('the test of one process alone draws what docs/bring-your-own.md shows', async () => {
  const { stdout } = await run(process.execPath, ['--conditions=byzkit-source', fileOf('solo')])
  const at = blocks.findIndex(({ info }) => info.split(' ').includes('solo'))
  expect(stdout).toBe(blocks[at + 1]?.text)
})

/** One process of a program, its lines as they come. */
function start(file: string, args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=byzkit-source', file, ...args], { stdio: 'pipe' })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  const kill = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve()
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  onTestFinished(kill)
  return {
    kill,
    type: (line: string) => child.stdin.write(`${line}\n`),
    saw: (line: string) => expect.poll(() => output.split('\n')).toContain(line),
    get output() {
      return output
    }
  }
}

async function testGroup(): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'byzkit-docs-'))
  onTestFinished(() => rm(out, { recursive: true, force: true, maxRetries: 3 }))
  const { files } = createTestGroup({
    members: 4,
    clients: 0,
    host: '127.0.0.1',
    port: await freePort(4),
    out
  })
  for (const { path, text, mode } of files) await writeFile(path, text, { mode })
  return out
}

test('the program of the tutorial: four members talk; one is killed, comes back, and has missed nothing', async () => {
  const out = await testGroup()
  const join = (rank: number) => start(fileOf('chat'), [out, String(rank)])
  const members = [0, 1, 2, 3].map(join)
  members[1]!.type('hello')
  for (const member of members) await member.saw('member 1: hello')
  // It says what it was told before it notes down that it was: killed in between, it would say it again.
  await expect.poll(() => existsSync(`${out}/position-3`)).toBe(true)
  await members[3]!.kill()
  members[2]!.type('who is there?')
  await members[0]!.saw('member 2: who is there?')
  const again = join(3)
  await again.saw('member 2: who is there?')
  expect(again.output).not.toContain('hello')
})

test('the program of docs/registers.md writes a register and reads it, and that of another client', async () => {
  const { folder: group } = await startClientGroup()
  const client = start(fileOf('registers'), [group])
  await client.saw('timestamp 1: hello')
  await client.saw('null')
})

test.each(['own-node', 'one-call'])(
  'the program of the README marked %s: four members, one broadcast each',
  async (word) => {
    const out = await testGroup()
    const members = [0, 1, 2, 3].map((rank) => start(fileOf(word), [out, String(rank)]))
    for (const member of members)
      for (const rank of [0, 1, 2, 3]) await member.saw(`member ${rank}: hello from member ${rank}`)
  }
)
