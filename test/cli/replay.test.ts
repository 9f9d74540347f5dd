/** `byzkit replay` writes what it draws to files, if it is told to. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { recordRun } from '../../src/laboratory/recording.ts'
import { writeTrace } from '../../src/laboratory/trace-file.ts'
import { byzkit, byzkitJson, contents, temporaryFolder } from './support.ts'

const config = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'equivocate',
  links: 'ideal',
  crypto: 'symbolic',
  signedSend: false
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
