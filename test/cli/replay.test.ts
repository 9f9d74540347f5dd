/** `byzkit replay` writes what it draws to files, if it is told to. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { recordRun } from '../../src/laboratory/recording.ts'
import { writeTrace } from '../../src/laboratory/trace-file.ts'
import { byzkit, byzkitJson, contents, expectRefused, temporaryFolder } from './support.ts'

const config = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'equivocate',
  links: 'ideal',
  crypto: 'symbolic'
} as const

async function folderWithTrace(): Promise<string> {
  const cwd = await temporaryFolder()
  const lines: string[] = []
  writeTrace(recordRun(config, 3).acted, (line) => lines.push(line))
  await writeFile(join(cwd, 'run.jsonl'), `${lines.join('\n')}\n`)
  return cwd
}

it('--html writes a page and --shiviz a log, and says where; nothing is drawn in the terminal', async () => {
  const cwd = await folderWithTrace()
  const words = ['replay', 'run.jsonl', '--html', 'run.html', '--shiviz', 'run.log']
  const { status, stdout, stderr } = await byzkit(words, { cwd })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toBe('the run is drawn in run.html\nthe run is drawn in run.log\n')
  const page = await readFile(join(cwd, 'run.html'), 'utf8')
  expect(page).toMatch(/^<!doctype html>/)
  expect(page).toContain('<title>double-echo, 4 members, Byzantine: p')
  expect(await readFile(join(cwd, 'run.log'), 'utf8')).toMatch(/^\(\?<event>/)
})

it('--json names the files in the result', async () => {
  const cwd = await folderWithTrace()
  const result = await byzkitJson(['replay', 'run.jsonl', '--html', 'run.html'], { cwd })
  expect(result).toMatchObject({ protocol: 'double-echo', seed: 3, written: ['run.html'] })
})

it('a file that cannot be written is one clear line', async () => {
  const cwd = await folderWithTrace()
  const { status, stdout, stderr } = await byzkit(['replay', 'run.jsonl', '--html', 'no/such/run.html'], {
    cwd
  })
  expect(status).not.toBe(0)
  expect(stdout).toBe('')
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain('no/such/run.html')
  expect(Object.keys(await contents(cwd))).toEqual(['run.jsonl'])
})

it('an edited trace is refused in one line; with --edited it is run as it is now, and that is said', async () => {
  const cwd = await folderWithTrace()
  const lines = (await readFile(join(cwd, 'run.jsonl'), 'utf8')).split('\n')
  const fewer = lines.filter((line) => !line.startsWith('{"choice":{"kind":"act"'))
  expect(fewer.length).toBeLessThan(lines.length)
  await writeFile(join(cwd, 'run.jsonl'), fewer.join('\n'))
  await expectRefused(
    ['replay', 'run.jsonl'],
    'run.jsonl: edited: its setup, its choices or what was violated are not those that its last line vouches for; --edited runs what it says now',
    { cwd }
  )
  const { status, stdout } = await byzkit(['replay', 'run.jsonl', '--edited'], { cwd })
  expect(status).toBe(0)
  expect(stdout).toMatch(/^an edited trace: its choices were run, and nothing was compared\n/)
  expect(await byzkitJson(['replay', 'run.jsonl', '--edited'], { cwd })).toMatchObject({
    edited: true,
    repeated: true,
    violations: []
  })
  await writeFile(join(cwd, 'own.jsonl'), fewer.join('\n').replace('"double-echo"', '"my-own"'))
  await expectRefused(
    ['replay', 'own.jsonl', '--edited'],
    '--edited: my-own is no protocol of byzkit: --protocol FILE must say how it runs',
    { cwd }
  )
})
