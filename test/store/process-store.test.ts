import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../src/core/assert.ts'
import { Process } from '../../src/core/process.ts'
import { scopedStore } from '../../src/core/store.ts'
import { openLevelStore } from '../../src/store/level-store.ts'
import { beginLife, LIFE_KEY } from '../../src/store/life.ts'
import { openMemoryStore } from '../../src/store/memory-store.ts'
import type { OpenStore } from '../../src/store/open-store.ts'
import { stableStore } from '../../src/store/stable-store.ts'
import { append, put, temporaryFolder } from './support.ts'

/** Counts batches and writes on their way to the journal. */
function counting(open: OpenStore): { open: OpenStore; batches: number[] } {
  const batches: number[] = []
  const journal: OpenStore['journal'] = {
    append(batch, done) {
      batches.push(batch.length)
      open.journal.append(batch, done)
    }
  }
  return { open: { ...open, journal }, batches }
}

describe('a process on a store', () => {
  it('commits the writes of many turns in few batches (group commit)', async () => {
    const folder = await temporaryFolder()
    const { open, batches } = counting(await openLevelStore(folder))
    const stops: Error[] = []
    const member = new Process({ journal: open.journal, onStop: (cause) => stops.push(cause) })
    const store = scopedStore(stableStore(member, open), 'links/')
    const durable = new Promise<void>((resolve) => {
      for (let i = 0; i < 100; i++) {
        member.input(() => {
          store.put(`${i}`, Uint8Array.of(i))
          if (i === 99) member.whenDurable(resolve)
        })
      }
    })
    await durable
    // The first turn leaves at once; the other 99 end while it is in flight.
    expect(batches).toEqual([1, 99])
    expect(member.counts).toMatchObject({ commits: 2, writes: 100 })
    expect(stops).toEqual([])
    await open.close()
    const again = await openLevelStore(folder)
    expect(again.restored('links/')).toHaveLength(100)
    await again.close()
  })

  it('stops when a write fails, and its effects never happen', async () => {
    const open = await openLevelStore(await temporaryFolder())
    const seen: string[] = []
    const stopped = new Promise<Error>((resolve) => {
      const member = new Process({ journal: open.journal, onStop: resolve })
      void open.close().then(() =>
        member.input(() => {
          stableStore(member, open).put('vote', Uint8Array.of(1))
          member.whenDurable(() => seen.push('sent'))
        })
      )
    })
    expect((await stopped).message).toMatch(/not open/)
    expect(seen).toEqual([])
  })

  it('keeps components away from the keys of the store itself', () => {
    const open = openMemoryStore()
    const stops: Error[] = []
    const member = new Process({ journal: open.journal, onStop: (cause) => stops.push(cause) })
    member.input(() => stableStore(member, open).put(LIFE_KEY, Uint8Array.of(1)))
    expect(stops[0]).toBeInstanceOf(AssertionError)
  })
})

describe('a store in memory', () => {
  it('applies batches at once, and calls done within append', () => {
    const open = openMemoryStore()
    const calls: string[] = []
    open.journal.append([put('a', 1)], () => calls.push('first'))
    open.journal.append([], () => calls.push('second'))
    expect(calls).toEqual(['first', 'second'])
    expect(open.durability).toBe('memory')
  })

  it('keeps nothing but bulk, unless its map is the caller’s', async () => {
    const content = new Map<string, Uint8Array>()
    const [own, given] = [openMemoryStore(), openMemoryStore(content)]
    for (const open of [own, given]) await append(open.journal, put('a', 1), put('*a', 2))
    expect([await own.read('a'), await own.read('*a')]).toEqual([undefined, put('*a', 2).value])
    expect([...content.keys()]).toEqual(['a', '*a'])
  })

  it('restores in the same order as a store on disk, whatever the characters', async () => {
    // UTF-8 puts U+FFFD before U+1F600; UTF-16 code units, the order of strings, put it after.
    const keys = ['p/\u{1f600}', 'p/\ufffd', 'p/z', 'p/', 'q']
    const content = new Map<string, Uint8Array>()
    const memory = openMemoryStore(content)
    const folder = await temporaryFolder()
    const disk = await openLevelStore(folder)
    for (const open of [memory, disk]) await append(open.journal, ...keys.map((key) => put(key, key.length)))
    await disk.close()
    const reopened = await openLevelStore(folder)
    expect(reopened.restored('p/')).toEqual(openMemoryStore(content).restored('p/'))
    expect(reopened.restored('p/').map(([key]) => key)).toEqual(['', 'z', '\u{1f600}', '\ufffd'])
    expect(memory.restored('p/')).toEqual([])
    await reopened.close()
  })

  it('fails once it is closed', async () => {
    const open = openMemoryStore()
    await open.close()
    await expect(append(open.journal, put('a', 1))).rejects.toThrow('closed')
  })
})

describe('the life number', () => {
  it('grows by one at each start, from 1', async () => {
    const folder = await temporaryFolder()
    for (const expected of [1, 2, 3]) {
      const open = await openLevelStore(folder)
      expect(await beginLife(open)).toBe(expected)
      await open.close()
    }
    expect(await beginLife(openMemoryStore())).toBe(1)
  })

  it('is not used when it cannot be made durable', async () => {
    const open = await openLevelStore(await temporaryFolder())
    await open.close()
    await expect(beginLife(open)).rejects.toThrow(/not open/)
  })
})
