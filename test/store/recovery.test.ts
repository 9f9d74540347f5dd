/** What opening refuses: each way in which something that was written can be missing or changed. */
import { MemoryLevel } from 'memory-level'
import { describe, expect, it } from 'vitest'
import { encode, uint } from '../../src/core/shapes.ts'
import { CHECKPOINT_KEY, chunkKey, FORMAT_KEY, journalKey, manifestShape } from '../../src/store/layout.ts'
import { openStoreOn } from '../../src/store/level-store.ts'
import type { Mark } from '../../src/store/mark.ts'
import type { OpenStore } from '../../src/store/open-store.ts'
import { seal } from '../../src/store/sealed.ts'
import { append, put } from './support.ts'

type Database = MemoryLevel<string, Uint8Array>

/** What is refused is closed: it is opened again, to be looked at and changed further. */
async function open(level: Database, mark?: Mark): Promise<OpenStore> {
  const bounds = { journalBytesMin: 400, chunkBytes: 50 }
  try {
    return await openStoreOn(level, 'the database', {
      durability: 'disk',
      bounds,
      ...(mark === undefined ? {} : { mark })
    })
  } catch (error) {
    await level.open()
    throw error
  }
}

/** Records 1 to 12 were written; a checkpoint has been made of the first ones, in several chunks. */
async function written(): Promise<{ level: Database; checkpoint: number }> {
  const level: Database = new MemoryLevel({ keyEncoding: 'utf8', valueEncoding: 'view' })
  const store = await open(level)
  for (let number = 1; number <= 12; number++) {
    await append(store.journal, put(`key/${number}`, ...Array(10).fill(number)))
    for (let i = 0; i < 20; i++) await append(store.journal)
  }
  const [first = ''] = await level.keys({ gte: 'journal/', limit: 1 }).all()
  return { level, checkpoint: Number.parseInt(first.slice('journal/'.length), 16) - 1 }
}

const flipped = (bytes: Uint8Array | undefined, at: number): Uint8Array =>
  new Uint8Array(bytes ?? []).with(at, (bytes?.at(at) ?? 0) ^ 1)

const missing = (what: string) => `the database is damaged: ${what} is missing`
const changed = (what: string) =>
  `the database is damaged: ${what} is not what was written (its checksum differs)`

describe('a database', () => {
  it('that is whole gives back everything (the control of the following)', async () => {
    const { level, checkpoint } = await written()
    expect(checkpoint).toBeGreaterThan(3)
    expect(checkpoint).toBeLessThan(10)
    expect(await level.get(chunkKey(checkpoint, 1))).toBeDefined()
    const store = await open(level)
    expect(store.restored('key/')).toHaveLength(12)
  })

  it('names the first journal record that is missing', async () => {
    for (const number of [10, 11]) {
      const { level } = await written()
      await level.del(journalKey(number))
      await expect(open(level)).rejects.toMatchObject({
        name: 'StoreDamagedError',
        message: missing(`journal record ${number}`)
      })
    }
  })

  it('names the first record after the checkpoint, if that is missing', async () => {
    const { level, checkpoint } = await written()
    await level.del(journalKey(checkpoint + 1))
    await expect(open(level)).rejects.toThrow(missing(`journal record ${checkpoint + 1}`))
  })

  it('names the journal record of which any byte is changed', async () => {
    const { level } = await written()
    const value = await level.get(journalKey(11))
    for (let at = 0; at < (value?.length ?? 0); at++) {
      await level.put(journalKey(11), flipped(value, at))
      await expect(open(level)).rejects.toThrow(changed('journal record 11'))
    }
    await level.put(journalKey(11), value?.slice(0, -1) ?? new Uint8Array())
    await expect(open(level)).rejects.toThrow(changed('journal record 11'))
    await level.put(journalKey(11), new Uint8Array())
    await expect(open(level)).rejects.toThrow(changed('journal record 11'))
  })

  it('takes no record for another: two that changed places are named', async () => {
    const { level } = await written()
    const [tenth, eleventh] = await level.getMany([journalKey(10), journalKey(11)])
    await level.put(journalKey(10), eleventh ?? new Uint8Array())
    await level.put(journalKey(11), tenth ?? new Uint8Array())
    await expect(open(level)).rejects.toThrow(changed('journal record 10'))
  })

  it('names the chunk that is missing, changed, or of another place', async () => {
    const { level, checkpoint } = await written()
    const key = chunkKey(checkpoint, 1)
    const value = await level.get(key)
    await level.put(key, flipped(value, 40))
    await expect(open(level)).rejects.toThrow(changed(`chunk 1 of checkpoint ${checkpoint}`))
    await level.put(key, (await level.get(chunkKey(checkpoint, 0))) ?? new Uint8Array())
    await expect(open(level)).rejects.toThrow(changed(`chunk 1 of checkpoint ${checkpoint}`))
    await level.del(key)
    await expect(open(level)).rejects.toThrow(missing(`chunk 1 of checkpoint ${checkpoint}`))
  })

  it('names the manifest, if that is missing, changed, or not of these chunks', async () => {
    const { level, checkpoint } = await written()
    const manifest = await level.get(CHECKPOINT_KEY)
    await level.put(CHECKPOINT_KEY, flipped(manifest, 35))
    await expect(open(level)).rejects.toThrow(changed('the manifest of the checkpoint'))
    await level.del(CHECKPOINT_KEY)
    await expect(open(level)).rejects.toThrow(missing('the manifest of the checkpoint'))
    const fewer = { number: checkpoint, chunks: 1, keys: 1, bytes: 1, digest: new Uint8Array(32) }
    await level.put(CHECKPOINT_KEY, seal(CHECKPOINT_KEY, encode(manifestShape, fewer)))
    await expect(open(level)).rejects.toThrow(`checkpoint ${checkpoint} is not what its manifest says`)
  })

  it('with a key that has no place in it is refused', async () => {
    const { level } = await written()
    await level.put('journal/x\u001b', new Uint8Array())
    await expect(open(level)).rejects.toThrow(
      'the database is damaged: a record has the key "journal/x\\u001b", which none has'
    )
  })

  it('that has lost its format record is damaged, not taken for a new one or one of somebody else', async () => {
    const { level } = await written()
    await level.del(FORMAT_KEY)
    await expect(open(level)).rejects.toMatchObject({
      name: 'StoreDamagedError',
      message: 'the database is damaged: its format record is missing or changed'
    })
    await level.put(FORMAT_KEY, encode(uint(), 1))
    await expect(open(level)).rejects.toMatchObject({ name: 'StoreFormatError' })
  })

  it('does not read what a checkpoint left over, and clears it', async () => {
    const { level, checkpoint } = await written()
    const rubbish = Uint8Array.of(1)
    const left = [
      journalKey(1),
      journalKey(checkpoint),
      chunkKey(checkpoint - 1, 0),
      chunkKey(checkpoint, 99),
      chunkKey(checkpoint + 1, 0)
    ]
    for (const key of left) await level.put(key, rubbish)
    const store = await open(level)
    expect(store.restored('key/')).toHaveLength(12)
    expect(await level.getMany(left)).toEqual(left.map(() => undefined))
  })
})

it('a lost end cannot be told from the database alone: the mark beside it is for that', async () => {
  const { level } = await written()
  await level.del(journalKey(12))
  await open(level)
  const marked = (number: number | undefined): Mark => ({
    name: 'the mark',
    read: async () => number,
    begin: async () => {},
    note() {},
    close: async () => {}
  })
  await open(level, marked(11))
  await expect(open(level, marked(12))).rejects.toMatchObject({
    name: 'StoreDamagedError',
    message: 'the database is damaged: journal record 12 is missing (it was written, as were all up to 12)'
  })
  await expect(open(level, marked(undefined))).rejects.toMatchObject({
    name: 'StoreDamagedError',
    message: 'the mark is missing: it was made with the journal'
  })
  await level.clear()
  await expect(open(level, marked(3))).rejects.toThrow(
    'the database is damaged: it is empty, and was not before'
  )
  await open(level, marked(undefined))
})
