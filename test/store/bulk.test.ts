/** Bulk: values that are read when they are needed. */
import { MemoryLevel } from 'memory-level'
import { describe, expect, it } from 'vitest'
import { Process } from '../../src/core/process.ts'
import { scopedStore, type Write } from '../../src/core/store.ts'
import type { CheckpointBounds } from '../../src/store/level-journal.ts'
import { openStoreOn } from '../../src/store/level-store.ts'
import { openMemoryStore } from '../../src/store/memory-store.ts'
import type { OpenStore } from '../../src/store/open-store.ts'
import { stableStore } from '../../src/store/stable-store.ts'
import { append, del, put } from './support.ts'

type Database = MemoryLevel<string, Uint8Array>

const database = (): Database =>
  new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })

const BOUNDS: CheckpointBounds = { journalBytesMin: 300, chunkBytes: 20 }
const VALUE_BYTES = 100_000

const openOn = (level: Database) => openStoreOn(level, 'the database', { durability: 'disk', bounds: BOUNDS })
const large = (key: string, fill: number): Write => ({ key, value: new Uint8Array(VALUE_BYTES).fill(fill) })

/** Bytes of all records but those of bulk. */
async function bytesBeside(level: Database): Promise<number> {
  let bytes = 0
  for await (const [key, value] of level.iterator()) if (!key.startsWith('bulk/')) bytes += value.length
  return bytes
}

describe('bulk on a database', () => {
  it('is read back, before and after restarts and checkpoints, and is neither restored nor in checkpoints', async () => {
    const level = database()
    const first = await openOn(level)
    await append(first.journal, large('*a', 1), large('*b', 2), put('c', 3))
    for (let i = 0; i < 40; i++) await append(first.journal, put('c', 3), large(`*b`, 2 + i))
    expect(await first.read('*b')).toEqual(large('*b', 41).value)
    await first.close()
    const second = await openOn(level)
    expect(await second.read('*a')).toEqual(large('*a', 1).value)
    expect(await second.read('*b')).toEqual(large('*b', 41).value)
    expect(await second.read('*c')).toBe(undefined)
    expect(second.restored('').map(([key]) => key)).toEqual(['c'])
    await append(second.journal, del('*a'))
    expect(await second.read('*a')).toBe(undefined)
    await second.close()
    const third = await openOn(level)
    expect(await third.read('*a')).toBe(undefined)
    expect(await bytesBeside(level)).toBeLessThan(VALUE_BYTES / 10)
    await third.close()
  })

  const written = async () => {
    const level = database()
    const store = await openOn(level)
    await append(store.journal, large('*a', 1))
    const old = (await level.get('bulk/a')) as Uint8Array
    await append(store.journal, large('*a', 2))
    await store.close()
    await level.open()
    return { level, old }
  }

  it('refuses to open where a byte of it has flipped, naming the record', async () => {
    const { level } = await written()
    const record = Uint8Array.from((await level.get('bulk/a')) as Uint8Array)
    record[5000] = 77
    await level.put('bulk/a', record)
    await expect(openOn(level)).rejects.toThrow(
      /^the database is damaged: record bulk\/a is not what was written/
    )
  })

  it('refuses to open where an older value is back, or one is missing', async () => {
    const { level, old } = await written()
    await level.put('bulk/a', old)
    await expect(openOn(level)).rejects.toThrow(/record bulk\/a is not what was written/)
    const other = await written()
    await other.level.del('bulk/a')
    await expect(openOn(other.level)).rejects.toThrow(/record bulk\/a is missing/)
  })

  it('removes what was deleted and is back', async () => {
    const { level, old } = await written()
    await level.put('bulk/b', old)
    const store = await openOn(level)
    expect(await level.get('bulk/b')).toBe(undefined)
    expect(await store.read('*a')).toEqual(large('*a', 2).value)
    await store.close()
  })

  it('stops the process that reads what has changed since', async () => {
    const level = database()
    const open = await openOn(level)
    const stops: Error[] = []
    const process = new Process({ journal: open.journal, onStop: (cause) => stops.push(cause) })
    const store = stableStore(process, open)
    await new Promise<void>((resolve) =>
      process.input(() => {
        store.put('*a', Uint8Array.of(1))
        process.whenDurable(resolve)
      })
    )
    await level.put('bulk/a', Uint8Array.of(2))
    process.input(() => store.read('*a', () => expect.unreachable()))
    await expect.poll(() => stops.map(({ name }) => name)).toEqual(['StoreDamagedError'])
    await open.close()
  })
})

describe.each<[string, () => Promise<OpenStore>]>([
  ['a database', () => openOn(database())],
  ['memory', async () => openMemoryStore()]
])('a component reads bulk of %s', (_, make) => {
  it('in a later turn, with what it wrote in this one', async () => {
    const open = await make()
    const process = new Process({
      journal: open.journal,
      onStop: (cause) => expect.unreachable(cause.message)
    })
    const store = scopedStore(scopedStore(stableStore(process, open), 'path/'), 'inner/')
    const turns: string[] = []
    const value = await new Promise((resolve) =>
      process.input(() => {
        store.put('*a', Uint8Array.of(1))
        store.read('*a', (read) => {
          turns.push('read')
          resolve(read)
        })
        process.trigger(() => turns.push('same turn'))
      })
    )
    expect(value).toEqual(Uint8Array.of(1))
    expect(turns).toEqual(['same turn', 'read'])
    expect(await open.read('*path/inner/a')).toEqual(Uint8Array.of(1))
    await open.close()
  })
})
