/**
 * A byte of a stopped member's disk flips: opening gives exactly the state that was acknowledged, or refuses. It never
 * gives less, but for a lost end above the high-water mark: whole batches, and those last ones only.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { DATABASE_FOLDER, openLevelStore } from '../../src/store/level-store.ts'
import { MARK_FILE } from '../../src/store/mark.ts'
import { extent } from '../extent.ts'
import { append, del, put, temporaryFolder } from './support.ts'

/** Checkpoints in both lives, and a journal after the last one. */
const BOUNDS = { journalBytesMin: 24_000, chunkBytes: 2000 }
const BATCHES_PER_LIFE = 200
const BATCHES = 2 * BATCHES_PER_LIFE
/** Where a mark that lags says that the journal was. */
const MARKED = BATCHES - 10

/** Bytes that are flipped, one at a time. */
const FLIPS = extent(80, 400)

const batchOf = (number: number) => [
  put('last', number >> 8, number & 0xff),
  put(`vote/${number % 50}`, ...Array(40).fill(number & 0xff)),
  ...(number % 5 === 0 ? [del(`vote/${(number * 7) % 50}`)] : [])
]

type State = readonly (readonly [key: string, value: Uint8Array])[]

function statesOf(batches: number): readonly string[] {
  const state = new Map<string, Uint8Array>()
  const states = [textOf([])]
  for (let number = 1; number <= batches; number++) {
    for (const { key, value } of batchOf(number))
      if (value === undefined) state.delete(key)
      else state.set(key, value)
    states.push(textOf([...state].sort(([a], [b]) => (a < b ? -1 : 1))))
  }
  return states
}

const textOf = (state: State) => JSON.stringify(state.map(([key, value]) => [key, [...value]]))

const STATES = statesOf(BATCHES)

/** Files by their path in the data folder. */
type Files = ReadonlyMap<string, Uint8Array>

async function filesIn(folder: string): Promise<Files> {
  const names = await readdir(join(folder, DATABASE_FOLDER))
  const paths = [MARK_FILE, ...names.map((name) => join(DATABASE_FOLDER, name))]
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const))
  )
}

/** What LevelDB reads: its lock is empty, and its log of events is for people. */
const isRead = (path: string) => !/LOCK$|LOG(\.old)?$/.test(path)

/** How many batches the state holds that opening gives, or why there is none. */
async function opened(folder: string, files: Files): Promise<number | Error> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, DATABASE_FOLDER), { recursive: true, mode: 0o700 })
  for (const [path, content] of files) await writeFile(join(folder, path), content)
  try {
    const store = await openLevelStore(folder, BOUNDS)
    const found = STATES.indexOf(textOf(store.restored('')))
    await store.close()
    return found
  } catch (error) {
    return error as Error
  }
}

/** Evenly spread over all files that are read. */
function* flips(files: Files, count: number): Generator<{ where: string; damaged: Files }> {
  const read = [...files].filter(([path]) => isRead(path))
  const total = read.reduce((sum, [, { length }]) => sum + length, 0)
  let index = 0
  for (const [path, content] of read)
    for (let at = 0; at < content.length; at += Math.ceil(total / count)) {
      const damaged = Uint8Array.from(content)
      damaged[at] = (damaged[at] ?? 0) ^ [0x01, 0x80, 0xff][index++ % 3]!
      yield { where: `${path} at ${at}`, damaged: new Map(files).set(path, damaged) }
    }
}

describe('a member that was stopped', () => {
  const copies = { whole: new Map() as Files, halfway: new Map() as Files }

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'byzkit-damage-'))
    let number = 0
    // LevelDB has the first life in a table, the second in its log.
    for (let life = 1; life <= 2; life++) {
      const store = await openLevelStore(folder, BOUNDS)
      for (let i = 0; i < BATCHES_PER_LIFE; i++) {
        await append(store.journal, ...batchOf(++number))
        if (number === MARKED) copies.halfway = await filesIn(folder)
      }
      await store.close()
    }
    copies.whole = await filesIn(folder)
    await rm(folder, { recursive: true })
  })

  it('has tables, a log of more than one block, and a checkpoint in each', async () => {
    const sizes = [...copies.whole].map(([path, { length }]) => [path, length] as const)
    expect(sizes.filter(([path, length]) => path.endsWith('.ldb') && length > 8000)).toHaveLength(1)
    expect(sizes.filter(([path, length]) => path.endsWith('.log') && length > 33_000)).toHaveLength(1)
    expect(await opened(await temporaryFolder(), copies.whole)).toBe(BATCHES)
  })

  it('has its exact state, or does not start, whichever byte flips', async () => {
    const folder = await temporaryFolder()
    const outcomes = { same: 0, refused: 0 }
    for (const { where, damaged } of flips(copies.whole, FLIPS)) {
      const found = await opened(folder, damaged)
      if (found instanceof Error) {
        expect(`${where}: ${found.name}: ${found.message}`).toMatch(
          /: StoreDamagedError: (database|file) \S+ is damaged: [^\n]+$/
        )
        outcomes.refused++
      } else {
        expect(`${where}: ${found}`).toBe(`${where}: ${BATCHES}`)
        outcomes.same++
      }
    }
    // Some bytes nobody needs: what was deleted, or lies in front of a checkpoint.
    expect(outcomes.refused).toBeGreaterThan(FLIPS / 4)
    expect(outcomes.same).toBeGreaterThan(FLIPS / 40)
  })

  it('has lost whole batches at the end, above the mark, if the mark lagged behind; otherwise the same', async () => {
    const folder = await temporaryFolder()
    const lagging = new Map(copies.whole).set(MARK_FILE, copies.halfway.get(MARK_FILE)!)
    expect(await opened(folder, lagging)).toBe(BATCHES)
    const [log] = [...lagging.keys()].filter((path) => path.endsWith('.log'))
    const onlyLog = new Map([[log!, lagging.get(log!)!]])
    const found: number[] = []
    for (const { damaged } of flips(onlyLog, FLIPS / 2)) {
      const result = await opened(folder, new Map([...lagging, ...damaged]))
      if (!(result instanceof Error)) found.push(result)
    }
    // The exception that is documented: it exists, ends at the mark, and is otherwise a state that there was.
    expect(found.filter((batches) => batches < BATCHES).length).toBeGreaterThan(0)
    expect(Math.min(...found)).toBeGreaterThanOrEqual(MARKED)
  })

  it.each([
    [
      'the end of its log',
      (path: string, { length }: Uint8Array) => (path.endsWith('.log') ? length - 1 : length)
    ],
    ['its whole log', (path: string, { length }: Uint8Array) => (path.endsWith('.log') ? 0 : length)],
    [
      'the content of its table',
      (path: string, { length }: Uint8Array) => (path.endsWith('.ldb') ? 0 : length)
    ],
    ['its list of tables', (path: string, { length }: Uint8Array) => (/MANIFEST/.test(path) ? 0 : length)],
    ['the name of that list', (path: string, { length }: Uint8Array) => (/CURRENT/.test(path) ? 0 : length)]
  ])('does not start without %s', async (_, kept) => {
    const cut = [...copies.whole].map(
      ([path, content]) => [path, content.slice(0, kept(path, content))] as const
    )
    expect(await opened(await temporaryFolder(), new Map(cut))).toMatchObject({ name: 'StoreDamagedError' })
  })

  it.each([/\.log$/, /\.ldb$/, /MANIFEST/, /CURRENT/, /high-water-mark/])(
    'does not start without the file %s, nor the second time',
    async (lost) => {
      const folder = await temporaryFolder()
      const rest = new Map([...copies.whole].filter(([path]) => !lost.test(path)))
      expect(await opened(folder, rest)).toMatchObject({ name: 'StoreDamagedError' })
      // Whatever LevelDB made of it meanwhile.
      await expect(openLevelStore(folder, BOUNDS)).rejects.toMatchObject({ name: 'StoreDamagedError' })
    }
  )
})
