import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLevelStore } from '../../src/store/level-store.ts'
import { MARK_FILE, MarkFile } from '../../src/store/mark.ts'
import { append, put, temporaryFolder } from './support.ts'

const markIn = (folder: string) => new MarkFile(folder).read()

/** Inverts a byte of the mark file. */
async function flip(folder: string, at: number): Promise<void> {
  const path = join(folder, MARK_FILE)
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
  await writeFile(path, bytes)
}

describe('the high-water mark', () => {
  it('is the number of the last record', async () => {
    const folder = await temporaryFolder()
    expect(await markIn(folder)).toBeUndefined()
    const store = await openLevelStore(folder)
    expect(await markIn(folder)).toBe(0)
    for (let number = 1; number <= 5; number++) {
      await append(store.journal, put('a', number))
      expect(await markIn(folder)).toBe(number)
    }
    await store.close()
    await (await openLevelStore(folder)).close()
    expect(await markIn(folder)).toBe(5)
  })

  it('that was torn is the one before it; one without a whole slot is damaged', async () => {
    const folder = await temporaryFolder()
    const mark = new MarkFile(folder)
    await mark.begin(7)
    mark.note(8)
    await mark.close()
    expect(await markIn(folder)).toBe(8)
    // The second write of begin went to the second slot, so that the last one is in the first.
    await flip(folder, 10)
    expect(await markIn(folder)).toBe(7)
    await flip(folder, 512 + 39)
    await expect(markIn(folder)).rejects.toMatchObject({
      name: 'StoreDamagedError',
      message: `file ${join(folder, MARK_FILE)} is damaged: neither of its marks matches its checksum`
    })
  })

  it('that is missing or empty is not made anew where there were records', async () => {
    for (const lose of [(path: string) => rm(path), (path: string) => truncate(path)]) {
      const folder = await temporaryFolder()
      const path = join(folder, MARK_FILE)
      await (await openLevelStore(folder)).close()
      await lose(path)
      const store = await openLevelStore(folder)
      await append(store.journal, put('a', 1))
      await store.close()
      await lose(path)
      await expect(openLevelStore(folder)).rejects.toMatchObject({
        name: 'StoreDamagedError',
        message: `file ${path} is missing: it was made with the journal`
      })
    }
  })

  it('notices that the whole database is gone', async () => {
    const folder = await temporaryFolder()
    const store = await openLevelStore(folder)
    await append(store.journal, put('a', 1))
    await store.close()
    await rm(join(folder, 'store'), { recursive: true })
    await expect(openLevelStore(folder)).rejects.toMatchObject({ name: 'StoreDamagedError' })
    await expect(openLevelStore(folder)).rejects.toThrow('it is empty, and was not before')
  })

  it('is not disturbed by what follows it in the file', async () => {
    const folder = await temporaryFolder()
    await (await openLevelStore(folder)).close()
    await appendFile(join(folder, MARK_FILE), 'text')
    await (await openLevelStore(folder)).close()
    expect(await markIn(folder)).toBe(0)
  })
})
