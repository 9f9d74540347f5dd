/** How commands end: what they were asked for is told, whatever cuts them short, and whoever reads it or not. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { extent } from '../extent.ts'
import { HANGS_MS } from '../waiting.ts'
import { makeGroup, nodeWords } from './running.ts'
import { BIN, byzkit, byzkitJson, expectRefused, type Outcome, temporaryFolder } from './support.ts'

const PATIENCE = { timeout: HANGS_MS, interval: 20 }
const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
const HISTORY = example('histories/kv-good.jsonl')

/** A command of which the test has both ends. */
function start(words: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [BIN, ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  const ended = new Promise<Outcome>((resolve) =>
    child.once('close', (status) => resolve({ status, ...said }))
  )
  return { child, said, ended }
}

describe('a campaign that a signal cuts short', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ...extent<[NodeJS.Signals, number][]>([], [['SIGHUP', 129]])
  ] as [NodeJS.Signals, number][])('by %s proves nothing, and says so', async (signal, status) => {
    const cwd = await temporaryFolder()
    const protocol = join(cwd, 'protocol.mjs')
    await writeFile(
      protocol,
      `import { writeFileSync } from 'node:fs'
       import { threadId } from 'node:worker_threads'
       export { default } from ${JSON.stringify(example('fixed-broadcast.ts'))}
       writeFileSync('thread-' + threadId, '')`
    )
    const words = ['simulate', protocol, '--runs', '100000000', '--workers', '1', '--json']
    const { child, ended } = start(words, cwd)
    await expect.poll(() => existsSync(join(cwd, 'thread-1')), PATIENCE).toBe(true)
    child.kill(signal)
    const { stdout, ...end } = await ended
    expect(end).toEqual({ status, stderr: '' })
    const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(result).toMatchObject({ verdict: 'inconclusive', violations: [] })
    expect(result.reason).toBe(`it was interrupted by ${signal} after ${result.runs} runs`)
  })
})

describe('a file that is to be written', () => {
  it.each([
    ['simulate', ['simulate', 'signed-echo', '--trace']],
    ['simulate --html', ['simulate', 'signed-echo', '--html']],
    ['check', ['check', HISTORY, '--model', 'kv', '--html']],
    ['replay --html', ['replay', 'no.jsonl', '--html']],
    ['replay --shiviz', ['replay', 'no.jsonl', '--shiviz']],
    ['read --output', ['read', 'a', '--group', 'no.json', '--key', 'no.pem', '--output']]
  ])('%s: if it cannot be, that is said before the work', async (_, words) => {
    const cwd = await temporaryFolder()
    const message = 'no-folder/file cannot be written: no such file or folder'
    await expectRefused([...words, 'no-folder/file'], message, { cwd })
  })

  it('is not made, and not changed, if there is nothing to write', async () => {
    const cwd = await temporaryFolder()
    const few = ['simulate', 'signed-echo', '--runs', '2', '--workers', '1']
    await byzkitJson(few, { cwd })
    expect(await readdir(cwd)).toEqual([])
  })

  it('takes no verdict away by failing later: a campaign', async () => {
    const cwd = await temporaryFolder()
    const words = ['simulate', example('broken-broadcast.ts'), '--runs', '20', '--trace', 't.jsonl', '--json']
    const { status, stdout, stderr } = await byzkit(words, { cwd, shell: 'ulimit -f 0;' })
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ verdict: 'violated' })
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^byzkit: t\.jsonl cannot be written: EFBIG[^\n]*\n$/)
    })
  })

  it('takes no verdict away by failing later: a history', async () => {
    const cwd = await temporaryFolder()
    const words = ['check', HISTORY, '--model', 'kv', '--html', 'page.html', '--json']
    const { status, stdout, stderr } = await byzkit(words, { cwd, shell: 'ulimit -f 0;' })
    expect(JSON.parse(stdout)).toMatchObject({ valid: true })
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^byzkit: page\.html cannot be written: EFBIG[^\n]*\n$/)
    })
  })
})

describe('a member whose output nobody reads any more', () => {
  it('goes on, says so once, and stops in order when it is asked to', async () => {
    const cwd = await temporaryFolder()
    await makeGroup(cwd, 1)
    const { child, said, ended } = start(nodeWords(cwd, 0), cwd)
    await expect.poll(() => said.stdout, PATIENCE).toContain('ready')
    child.stdout.destroy()
    const data = join(cwd, 'data-0')
    // Each is delivered, and told to nobody: many of them, since a pipe holds some that were not read.
    for (let i = 0; i < 5; i++) await byzkitJson(['broadcast', '--data', data, `text ${i}`])
    await expect.poll(() => said.stderr, PATIENCE).toContain('nobody reads')
    await expect
      .poll(async () => (await byzkitJson(['status', '--data', data])).delivered, PATIENCE)
      .toEqual([5])
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({
      status: 0,
      stderr: 'byzkit: nobody reads the output any more; the member goes on\n'
    })
  })

  it('goes on, though nobody reads its errors either', async () => {
    const cwd = await temporaryFolder()
    await makeGroup(cwd, 1)
    const { child, said, ended } = start(nodeWords(cwd, 0), cwd)
    await expect.poll(() => said.stdout, PATIENCE).toContain('ready')
    child.stdout.destroy()
    child.stderr.destroy()
    const data = join(cwd, 'data-0')
    for (let i = 0; i < 5; i++) await byzkitJson(['broadcast', '--data', data, `text ${i}`])
    expect((await byzkitJson(['status', '--data', data])).ready).toBe(true)
    child.kill('SIGTERM')
    expect((await ended).status).toBe(0)
  })

  it('another command ends: it has nobody to serve', async () => {
    const { child, ended } = start(['simulate', '--list'], await temporaryFolder())
    child.stdout.destroy()
    expect(await ended).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})
