import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { encode, uint } from '../../src/core/shapes.ts'
import { FORMAT_KEY } from '../../src/store/layout.ts'
import { DATABASE_FOLDER, openLevelStore } from '../../src/store/level-store.ts'
import { startWriter } from './children.ts'
import { append, del, put, temporaryFolder } from './support.ts'

const isRoot = process.getuid?.() === 0

describe('a store on disk', () => {
  it('gives back at the next opening what was durable, in key order, with the prefix removed', async () => {
    const folder = await temporaryFolder()
    const first = await openLevelStore(folder)
    expect(first.durability).toBe('disk')
    expect(first.restored('a/')).toEqual([])
    await append(first.journal, put('a/2', 2), put('a/1', 1), put('b/1', 9), put('a0', 7))
    await append(first.journal, del('a/2'), put('a/10', 10), put('a/3', 0), put('a/3', 3))
    expect(first.restored('a/')).toEqual([])
    await first.close()

    const second = await openLevelStore(folder)
    expect(second.restored('a/')).toEqual([
      ['1', Uint8Array.of(1)],
      ['10', Uint8Array.of(10)],
      ['3', Uint8Array.of(3)]
    ])
    expect(Object.getPrototypeOf(second.restored('a/')[0]?.[1])).toBe(Uint8Array.prototype)
    expect(second.restored('c')).toEqual([])
    await second.close()
  })

  it('applies batches in the order of the calls, although none waits for the one before', async () => {
    const folder = await temporaryFolder()
    const store = await openLevelStore(folder)
    const order: number[] = []
    const all = Array.from({ length: 200 }, (_, i) =>
      append(store.journal, put('last', i), i % 2 === 0 ? put('even') : del('even')).then(() => order.push(i))
    )
    await Promise.all(all)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    await store.close()
    const again = await openLevelStore(folder)
    expect(again.restored('last')).toEqual([['', Uint8Array.of(199)]])
    expect(again.restored('even')).toEqual([])
    await again.close()
  })

  it('asks for every write to be synced: killing a process does not show it, cutting the power would', async () => {
    const batch = vi.spyOn(ClassicLevel.prototype, 'batch')
    const write = vi.spyOn(ClassicLevel.prototype, 'put')
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    const bounds = { journalBytesMin: 100, chunkBytes: 50 }
    const store = await openLevelStore(await temporaryFolder(), bounds)
    for (let number = 1; number <= 20; number++) await append(store.journal, put('a', number), del('b'))
    await store.close()
    // The format record, the batches, and the chunks and manifests of checkpoints.
    expect(batch.mock.calls.length).toBeGreaterThan(25)
    expect(batch.mock.calls.map((call) => call.at(-1))).toEqual(batch.mock.calls.map(() => ({ sync: true })))
    expect(write).not.toHaveBeenCalled()
  })

  it('waits at closing for the batches in flight', async () => {
    const folder = await temporaryFolder()
    const store = await openLevelStore(folder)
    const written = append(store.journal, put('a', 1))
    await store.close()
    await written
    const again = await openLevelStore(folder)
    expect(again.restored('a')).toHaveLength(1)
    await again.close()
  })

  it('passes an error to done, and to every later one', async () => {
    const store = await openLevelStore(await temporaryFolder())
    await store.close()
    await expect(append(store.journal, put('a', 1))).rejects.toThrow(/not open/)
    await expect(append(store.journal)).rejects.toThrow(/not open/)
  })
})

describe('a data folder', () => {
  it('is made with mode 0700', async () => {
    const folder = join(await temporaryFolder(), 'new', 'data')
    await (await openLevelStore(folder)).close()
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('that is empty and open to others is closed to them; one with content is refused', async () => {
    const empty = join(await temporaryFolder(), 'empty')
    await mkdir(empty, { mode: 0o755 })
    await (await openLevelStore(empty)).close()
    expect((await stat(empty)).mode & 0o777).toBe(0o700)

    await chmod(empty, 0o750)
    await expect(openLevelStore(empty)).rejects.toMatchObject({
      name: 'StoreFolderError',
      message: `data folder ${empty} is open to other users (mode 750): run chmod 700 on it`
    })
  })

  it('serves one process at a time', async () => {
    const folder = await temporaryFolder()
    const writer = startWriter(folder)
    await writer.until((line) => line.startsWith('durable'))
    await expect(openLevelStore(folder)).rejects.toMatchObject({
      name: 'StoreLockedError',
      message: `data folder ${folder} is in use by another process`
    })
    writer.kill()
    await writer.exited
    const store = await openLevelStore(folder)
    await expect(openLevelStore(folder)).rejects.toMatchObject({ name: 'StoreLockedError' })
    await store.close()
  })

  it.each([
    [
      'another version',
      encode(uint(), 1),
      'has store format 1, this version of byzkit uses 2 and converts none: ' +
        'run the version that wrote it, or found a new group with new keys and empty data folders'
    ],
    ['a damaged version', Uint8Array.of(0xff), 'is one that byzkit did not write'],
    ['no version', undefined, 'is one that byzkit did not write']
  ])('with %s of the format is refused, and left as it is', async (_, version, problem) => {
    const folder = await temporaryFolder()
    const level = new ClassicLevel<string, Uint8Array>(join(folder, DATABASE_FOLDER), {
      valueEncoding: 'view'
    })
    await level.put('something', Uint8Array.of(1))
    if (version !== undefined) await level.put(FORMAT_KEY, version)
    await level.close()
    await expect(openLevelStore(folder)).rejects.toMatchObject({
      name: 'StoreFormatError',
      message: `database ${join(folder, DATABASE_FOLDER)} ${problem}`
    })
    await level.open()
    expect(await level.get(FORMAT_KEY)).toEqual(version === undefined ? undefined : Buffer.from(version))
    await level.close()
  })

  it('that is a file is refused in one line', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, 'text')
    await expect(openLevelStore(file)).rejects.toMatchObject({
      name: 'StoreFolderError',
      message: `data folder ${file} cannot be used: not a folder`
    })
    await expect(openLevelStore(join(file, 'below'))).rejects.toMatchObject({ name: 'StoreFolderError' })
    expect(await readFile(file, 'utf8')).toBe('text')
  })

  it('that is damaged is refused in one line', async () => {
    const folder = await temporaryFolder()
    await (await openLevelStore(folder)).close()
    await writeFile(join(folder, DATABASE_FOLDER, 'CURRENT'), 'nonsense')
    const refused = expect(openLevelStore(folder)).rejects
    await refused.toMatchObject({
      name: 'StoreDamagedError',
      message: expect.stringMatching(/^database \S+ is damaged: [^\n]+$/)
    })
  })

  it('that may not be entered is refused in one line', async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o000)
    // Root may enter everywhere: it looks as nobody does.
    if (isRoot) process.seteuid?.('nobody')
    onTestFinished(() => {
      if (isRoot) process.seteuid?.(0)
    })
    await expect(openLevelStore(folder)).rejects.toMatchObject({
      name: 'StoreFolderError',
      message: `data folder ${folder} cannot be used: permission denied`
    })
    if (isRoot) process.seteuid?.(0)
    await chmod(folder, 0o700)
  })
})
