import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { describe, expect, it } from 'vitest'
import { contentOf } from '../../src/cli/components.ts'
import { encode, uint } from '../../src/core/shapes.ts'
import { numericKey } from '../../src/core/store.ts'
import { FORMAT_KEY, journalKey } from '../../src/store/layout.ts'
import { openLevelStore } from '../../src/store/level-store.ts'
import { beginLife } from '../../src/store/life.ts'
import { append, put } from '../store/support.ts'
import { byzkit, byzkitJson, expectRefused, temporaryFolder } from './support.ts'

const number = (value: number) => [...encode(uint(), value)]

/** The data folder of a member in its seventh life, with a checkpoint and three records after it. */
async function dataFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), 'data')
  const store = await openLevelStore(folder, { journalBytesMin: 1000, chunkBytes: 400 })
  await beginLife(store, 7)
  await append(store.journal, put('channel/next', ...number(4)), put('channel/log/next', ...number(9)))
  for (const sender of [0, 1])
    await append(store.journal, put(`channel/windows/base/${numericKey(sender)}`, ...number(5 + sender)))
  await append(store.journal, put('channel/big', ...Array(900).fill(1)))
  for (let i = 0; i < 20; i++) await append(store.journal)
  for (let i = 0; i < 3; i++)
    await append(store.journal, put(`channel/record/${numericKey(0)}/${numericKey(i)}`, i))
  await store.close()
  return folder
}

/** Changes the database behind the back of the store. */
async function tamper(folder: string, change: (level: ClassicLevel<string, Uint8Array>) => Promise<void>) {
  const level = new ClassicLevel<string, Uint8Array>(join(folder, 'store'), { valueEncoding: 'view' })
  await level.open()
  await change(level)
  await level.close()
}

describe('byzkit inspect', () => {
  it('says what a stopped member stores, and that all of it is whole', async () => {
    const folder = await dataFolder()
    const report = await byzkitJson(['inspect', folder])
    expect(report).toEqual({
      database: join(folder, 'store'),
      bytes: expect.any(Number),
      format: 2,
      life: 7,
      journal: { from: 6, to: 8, records: 3, bytes: expect.any(Number) },
      checkpoint: { number: 5, chunks: 1, bytes: expect.any(Number) },
      marked: 8,
      components: [
        { path: 'channel', keys: 5, bytes: expect.any(Number), next: 4 },
        { path: 'channel/log', keys: 1, bytes: expect.any(Number), next: 9 },
        {
          path: 'channel/windows',
          keys: 2,
          bytes: expect.any(Number),
          bases: [
            { sender: 0, base: 5 },
            { sender: 1, base: 6 }
          ]
        }
      ],
      whole: true,
      damage: null
    })
    const { status, stdout } = await byzkit(['inspect', folder])
    expect(status).toBe(0)
    for (const text of [
      'of record 5',
      'records 6 to 8',
      'next number 9',
      'windows from 5 of member 0, 6 of member 1',
      'everything that was written is there'
    ])
      expect(stdout).toContain(text)
    // It changed nothing.
    expect(await byzkitJson(['inspect', folder])).toMatchObject({ ...report, bytes: expect.any(Number) })
  })

  it('names the file and the record of a damaged store, and fails', async () => {
    const folder = await dataFolder()
    await tamper(folder, (level) => level.del(journalKey(7)))
    const damage = `database ${join(folder, 'store')} is damaged: journal record 7 is missing`
    const { status, stdout, stderr } = await byzkit(['inspect', folder, '--json'])
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      whole: false,
      damage,
      journal: { from: 6, to: 8, records: 2 },
      components: null
    })
    const told = await byzkit(['inspect', folder])
    expect(told.status).toBe(1)
    expect(told.stdout).toContain(`${damage}; do not start this member again`)
  })

  it('says so when LevelDB cannot read it at all, or the mark is damaged', async () => {
    const folder = await dataFolder()
    const copy = `${folder}-copy`
    await cp(folder, copy, { recursive: true })
    await writeFile(join(folder, 'store', 'CURRENT'), 'nonsense')
    const first = await byzkit(['inspect', folder, '--json'])
    expect(first.status).toBe(1)
    expect(JSON.parse(first.stdout)).toMatchObject({
      whole: false,
      format: null,
      journal: null,
      damage: expect.stringMatching(/store is damaged: /)
    })
    const mark = join(copy, 'high-water-mark')
    await writeFile(mark, (await readFile(mark)).fill(1))
    const second = await byzkit(['inspect', copy, '--json'])
    expect(second.status).toBe(1)
    expect(JSON.parse(second.stdout)).toMatchObject({
      whole: false,
      marked: null,
      journal: { to: 8 },
      damage: `file ${mark} is damaged: neither of its marks matches its checksum`
    })
  })

  it.each([
    ['lost', (log: string) => rm(log)],
    ['emptied', (log: string) => truncate(log)]
  ])('gives the diagnosis that a member gives of a database whose only log was %s', async (_, damage) => {
    const folder = join(await temporaryFolder(), 'data')
    const store = await openLevelStore(folder)
    await beginLife(store, 1)
    await store.close()
    const log = (await readdir(join(folder, 'store'))).find((name) => name.endsWith('.log')) ?? ''
    await damage(join(folder, 'store', log))
    const said = `database ${join(folder, 'store')} is damaged: it is empty, and was not before`
    const { status, stdout } = await byzkit(['inspect', folder, '--json'])
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ whole: false, damage: said })
    await expect(openLevelStore(folder)).rejects.toThrow(said)
  })

  it('refuses the folder of a running member, one without a store, and one of another format', async () => {
    const folder = await dataFolder()
    const cwd = join(folder, '..')
    const store = await openLevelStore(folder)
    expect(await byzkit(['inspect', folder])).toEqual({
      status: 2,
      stdout: '',
      stderr: `byzkit: data folder ${folder} is in use by another process\n`
    })
    await store.close()
    await expectRefused(['inspect', 'nowhere'], 'data folder nowhere holds no store', { cwd })
    await expectRefused(['inspect'], /dir/, { cwd })
    await tamper(folder, (level) => level.put(FORMAT_KEY, encode(uint(), 1)))
    const { status, stderr } = await byzkit(['inspect', folder])
    expect(status).toBe(2)
    expect(stderr).toMatch(/^byzkit: database \S+ has store format 1, [^\n]+\n$/)
    await rm(folder, { recursive: true })
    await mkdir(folder)
    await expectRefused(['inspect', 'data'], 'data folder data holds no store', { cwd })
  })
})

it('whatever a key looks like, it belongs to some component, and is printed as text', () => {
  const value = Uint8Array.of(1)
  const keys = ['next', 'a/\u001b[31m', `a/b/base/${numericKey(3)}`, `a/${numericKey(1)}`, '//', '']
  const { components } = contentOf(new Map(keys.map((key) => [key, value])))
  expect(components.reduce((sum, component) => sum + component.keys, 0)).toBe(keys.length)
  expect(components.find(({ path }) => path === 'a/b')?.bases).toEqual([{ sender: 3, base: 1 }])
})
