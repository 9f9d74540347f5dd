import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolders } from '../../src/store/folder.ts'
import { temporaryFolder } from './support.ts'

describe('a folder and those above it', () => {
  it('are made private, each name of them synced with the folder that it is in', async () => {
    const above = await temporaryFolder()
    await mkdir(join(above, 'a'))
    const synced: string[] = []
    const sync = async (folder: string) => void synced.push(folder)
    expect(await makeFolders(join(above, 'a/b/c'), 0o700, sync)).toBe(join(above, 'a/b'))
    expect(synced).toEqual([join(above, 'a'), join(above, 'a/b')])
    for (const made of ['a/b', 'a/b/c']) expect((await stat(join(above, made))).mode & 0o777).toBe(0o700)
    expect(await makeFolders(join(above, 'a/b/c'), 0o700, sync)).toBeUndefined()
    expect(synced).toHaveLength(2)
  })

  it('are made by one of two that make them at once, and there for both', async () => {
    const above = await temporaryFolder()
    const made = await Promise.all([1, 2].map(() => makeFolders(join(above, 'a/b'), 0o700)))
    expect(made).toContain(join(above, 'a'))
    expect((await stat(join(above, 'a/b'))).isDirectory()).toBe(true)
  })

  it('are all taken back if one of them cannot be made durable', async () => {
    const above = await temporaryFolder()
    const sync = async (folder: string) => {
      if (folder.endsWith('/b')) throw new Error('no sync')
    }
    await expect(makeFolders(join(above, 'a/b/c'), 0o700, sync)).rejects.toThrow('no sync')
    expect(await readdir(above)).toEqual([])
  })

  it('are not made below or in place of a file', async () => {
    const above = await temporaryFolder()
    await writeFile(join(above, 'file'), '')
    const made = (path: string) => makeFolders(join(above, path), 0o700)
    await expect(made('file')).rejects.toMatchObject({ code: 'EEXIST' })
    for (const path of ['file/a', 'file/a/b'])
      await expect(made(path)).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(await readdir(above)).toEqual(['file'])
  })
})
