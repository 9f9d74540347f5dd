/** Trying whether a file can be written: it leaves no trace, not even for a moment under the file's own name. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { requireNew, requireWritable } from '../../src/program/files/writable.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'byzkit-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  file = join(folder, 'a.jsonl')
})

test.each([
  ['that may be there', requireWritable],
  ['that must not be there', requireNew]
])('many who are about to write one file %s do not see one another', async (_, required) => {
  await Promise.all(Array.from({ length: 50 }, () => required(file)))
  expect(await readdir(folder)).toEqual([])
})

test('what is in the file stays', async () => {
  await writeFile(file, 'kept')
  await requireWritable(file)
  expect(await readFile(file, 'utf8')).toBe('kept')
  await expect(requireNew(file)).rejects.toThrow(/a\.jsonl cannot be written: it exists already$/)
})

test('what cannot be a file is refused, in one line', async () => {
  await mkdir(join(folder, 'b'))
  await writeFile(file, '')
  const refusals = [
    ['b', 'it is a folder'],
    ['c/', 'it is a folder'],
    ['d/a.jsonl', 'no such file or folder'],
    ['a.jsonl/e', 'part of the path is not a folder'],
    ['f'.repeat(300), 'the name is too long']
  ] as const
  for (const [name, reason] of refusals) {
    const path = `${folder}/${name}`
    await expect(requireWritable(path), name).rejects.toThrow(`${path} cannot be written: ${reason}`)
  }
})
