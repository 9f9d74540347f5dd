import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createRecordingFile } from '../../src/program/member/recording-file.ts'
import { temporaryFolder } from './support.ts'

const disk = vi.hoisted(() => ({ full: false }))

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    writeFileSync: (...args: Parameters<typeof fs.writeFileSync>) => {
      if (disk.full) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
      fs.writeFileSync(...args)
    }
  }
})

afterEach(() => {
  disk.full = false
})

const unexpected = (error: Error) => {
  throw error
}

test('a line is in the file as soon as it was written, for nobody but the owner', async () => {
  const path = join(await temporaryFolder(), 'recording')
  const file = createRecordingFile(path, unexpected)
  file.write('one')
  file.write('two')
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  file.close()
  file.close()
  file.write('late')
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n')
})

test('nothing is overwritten, and a file in which nothing was written does not stay', async () => {
  const path = join(await temporaryFolder(), 'recording')
  createRecordingFile(path, unexpected).close()
  await expect(stat(path)).rejects.toThrow('ENOENT')
  await writeFile(path, 'of somebody else')
  expect(() => createRecordingFile(path, unexpected)).toThrow('it exists already')
  expect(await readFile(path, 'utf8')).toBe('of somebody else')
})

test('a full disk ends the recording, is told once, and throws nothing at the member', async () => {
  const path = join(await temporaryFolder(), 'recording')
  const failures: string[] = []
  const file = createRecordingFile(path, ({ message }) => failures.push(message))
  file.write('one')
  disk.full = true
  file.write('two')
  disk.full = false
  file.write('three')
  file.close()
  expect(failures).toEqual([`${path} cannot be written any more: ENOSPC: no space left`])
  expect(await readFile(path, 'utf8')).toBe('one\n')
})
