/** Checkpoints: a process that dies in any operation of the database finds all that was acknowledged. */
import { describe, expect, it } from 'vitest'
import type { Write } from '../../src/core/store.ts'
import { CHECKPOINT_KEY, journalNumber } from '../../src/store/layout.ts'
import type { CheckpointBounds } from '../../src/store/level-journal.ts'
import { openStoreOn } from '../../src/store/level-store.ts'
import type { OpenStore } from '../../src/store/open-store.ts'
import { type Fate, StoppingLevel } from './stopping-level.ts'
import { append, del, put } from './support.ts'

/** A checkpoint every few batches, in several chunks. */
const BOUNDS: CheckpointBounds = { journalBytesMin: 300, chunkBytes: 20 }
const BATCHES = 16

const open = (level: StoppingLevel): Promise<OpenStore> =>
  openStoreOn(level, 'the database', { durability: 'disk', bounds: BOUNDS })

/** Batch `number` sets, changes and deletes keys. */
function batchOf(number: number): Write[] {
  const writes = [put('last', number), put(`key/${number % 7}`, number, number, number)]
  return number % 3 === 0 ? [...writes, del(`key/${(number + 1) % 7}`)] : writes
}

function stateAfter(batches: number): (readonly [string, Uint8Array])[] {
  const state = new Map<string, Uint8Array>()
  for (let number = 1; number <= batches; number++)
    for (const { key, value } of batchOf(number))
      if (value === undefined) state.delete(key)
      else state.set(key, value)
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** One life from the state that it finds; gives how many batches it was told are durable. */
async function live(level: StoppingLevel, durable: number): Promise<number> {
  let acknowledged = durable
  try {
    const store = await open(level)
    const found = store.restored('last')[0]?.[1][0] ?? 0
    // The batch in flight at the death is there, or is not; every one before it is.
    expect([durable, durable + 1]).toContain(found)
    expect(store.restored('')).toEqual(stateAfter(found))
    acknowledged = found
    for (let number = found + 1; number <= BATCHES; number++) {
      await append(store.journal, ...batchOf(number))
      acknowledged = number
    }
    // A checkpoint that was begun is finished.
    for (let i = 0; i < 30; i++) await append(store.journal)
  } catch (error) {
    if (level.diedIn === undefined) throw error
  }
  return acknowledged
}

const FATES: readonly Fate[] = ['nothing', 'all']

describe('a process that dies in an operation of the database', () => {
  it('finds the state of whole batches, all that were acknowledged, whichever two operations it dies in', async () => {
    const diedIn = new Set<string>()
    let deaths = 0
    for (let first = 0; ; first++) {
      let survived = true
      for (const fate of FATES) {
        for (let second = 0; ; second++) {
          const level = new StoppingLevel()
          level.revive(first, fate)
          let durable = await live(level, 0)
          if (level.diedIn === undefined) break
          survived = false
          deaths++
          diedIn.add(level.diedIn)
          level.revive(second, FATES[(first + second) % 2]!)
          durable = await live(level, durable)
          const diedAgain = level.diedIn !== undefined
          level.revive(Number.POSITIVE_INFINITY, 'nothing')
          expect(await live(level, durable)).toBe(BATCHES)
          if (!diedAgain) break
        }
      }
      if (survived) break
    }
    // It died in every kind of operation.
    expect([...diedIn].sort()).toEqual(
      ['#checkpoint', '#format+#checkpoint', 'chunk', 'clear', 'journal'].sort()
    )
    expect(deaths).toBeGreaterThan(1000)
  })

  it('is told of a checkpoint that failed with the next batch, and writes nothing any more', async () => {
    const level = new StoppingLevel()
    const store = await open(level)
    let number = 0
    while (level.kinds.at(-1) !== 'chunk') {
      await append(store.journal, ...batchOf(++number))
      await append(store.journal)
    }
    // The first chunk is written; the process dies in the second.
    level.operationsLeft = 0
    await new Promise(setImmediate)
    await expect(append(store.journal, put('a', 1))).rejects.toMatchObject({
      name: 'StoreWriteError',
      message: 'the database: writing a checkpoint failed: died in chunk'
    })
    expect(level.diedIn).toBe('chunk')
    const before = level.kinds.length
    await expect(append(store.journal)).rejects.toThrow(/writing a checkpoint failed/)
    expect(level.kinds).toHaveLength(before)
  })
})

describe('space', () => {
  it('is bounded by the state: the journal before a checkpoint is removed, and older checkpoints', async () => {
    const level = new StoppingLevel()
    const store = await open(level)
    let most = 0
    for (let number = 1; number <= 2000; number++) {
      await append(store.journal, ...batchOf(number % 200))
      const keys = await level.keys().all()
      most = Math.max(most, keys.length)
    }
    expect(most).toBeLessThan(60)
    const numbers = (await level.keys().all()).map(journalNumber).filter((number) => number !== undefined)
    expect(Math.min(...numbers)).toBeGreaterThan(1900)
  })

  it('is not checkpointed before the journal has grown as large as the state', async () => {
    const level = new StoppingLevel()
    const store = await open(level)
    const big = new Uint8Array(10_000).fill(7)
    await append(store.journal, { key: 'big', value: big })
    for (let number = 1; number <= 200; number++) await append(store.journal, ...batchOf(number))
    const again = await open(level)
    expect(again.restored('big')).toEqual([['', big]])
    // One when the big value came, and one for each 10 kB of journal after it: 200 records are 20 kB.
    const checkpoints = level.kinds.filter((kind) => kind === CHECKPOINT_KEY)
    expect(checkpoints.length).toBeLessThanOrEqual(3)
    expect(checkpoints.length).toBeGreaterThanOrEqual(2)
  })
})

describe('batches and the chunks of a checkpoint take turns', () => {
  /** How many operations of checkpoints there are between two journal records, at most. */
  async function mostBetween(chunkBytes: number): Promise<number> {
    const level = new StoppingLevel()
    const bounds = { journalBytesMin: 2000, chunkBytes }
    const store = await openStoreOn(level, 'the database', { durability: 'disk', bounds })
    for (let number = 1; number <= 60; number++)
      await append(store.journal, put(`key/${number}`, ...Array(50).fill(1)))
    expect(level.kinds).toContain('chunk')
    expect(level.kinds.filter((kind) => kind === CHECKPOINT_KEY).length).toBeGreaterThan(0)
    const between = level.kinds.join(' ').split('journal').slice(1, -1)
    return Math.max(...between.map((kinds) => kinds.split(' ').filter((kind) => kind !== '').length))
  }

  it('one by one', async () => {
    expect(await mostBetween(120)).toBe(1)
  })

  it('or several chunks a batch, if they are smaller than it: the journal cannot outgrow a checkpoint', async () => {
    expect(await mostBetween(30)).toBe(4)
  })
})
