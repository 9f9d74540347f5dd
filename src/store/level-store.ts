/**
 * A store on disk: LevelDB (classic-level) in the sub-folder `store` of a member's data folder.
 *
 * All of it is read once, at opening: components restore at construction and never read again, so that a read
 * never waits for a disk within a turn. What a correct member stores is bounded (DESIGN, rules 4 and 9).
 */
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { decode, encode, uint } from '../core/shapes.ts'
import { StoreFolderError, StoreFormatError, StoreLockedError } from './errors.ts'
import { prepareFolder, reasonOf } from './folder.ts'
import { type Level, LevelJournal, SYNCED } from './level-journal.ts'
import { type Durability, type OpenStore, RESERVED_PREFIX } from './open-store.ts'
import { Snapshot } from './snapshot.ts'

/** Version of what the keys and values mean; another one is refused, never guessed at. */
export const FORMAT_VERSION = 1

export const FORMAT_KEY = `${RESERVED_PREFIX}format`

/** The sub-folder of the data folder that LevelDB has for itself. */
export const DATABASE_FOLDER = 'store'

/**
 * Opens the store in a data folder, making both if need be. No other process can open it meanwhile.
 *
 * @throws {StoreLockedError} if another process has it open
 * @throws {StoreFormatError} if it holds another version of the format
 * @throws {StoreFolderError} if the folder cannot be used
 */
export async function openLevelStore(folder: string): Promise<OpenStore> {
  await prepareFolder(folder)
  const level = new ClassicLevel<string, Uint8Array>(join(folder, DATABASE_FOLDER), {
    keyEncoding: 'utf8',
    valueEncoding: 'view'
  })
  try {
    return await openStoreOn(level, `data folder ${folder}`, 'disk')
  } catch (error) {
    throw named(error, folder)
  }
}

/**
 * The same on any database of the abstract-level family whose keys are text and whose values are bytes (a browser's,
 * say, or memory-level in tests). It is closed if it cannot be used.
 *
 * @param name - what to call it in errors
 * @throws {StoreFormatError} if it holds another version of the format
 */
export async function openStoreOn(level: Level, name: string, durability: Durability): Promise<OpenStore> {
  try {
    await level.open()
    const snapshot = await load(level)
    await checkFormat(level, snapshot, name)
    return levelStore(level, snapshot, durability)
  } catch (error) {
    await level.close()
    throw error
  }
}

function levelStore(level: Level, snapshot: Snapshot, durability: Durability): OpenStore {
  const journal = new LevelJournal(level)
  return {
    journal,
    durability,
    restored: (prefix) => snapshot.under(prefix),
    async close() {
      await journal.settled()
      await level.close()
    }
  }
}

async function load(level: Level): Promise<Snapshot> {
  const entries = await level.iterator().all()
  // Plain byte strings: a Node Buffer would not equal the same bytes from anywhere else.
  return new Snapshot(
    entries.map(([key, { buffer, byteOffset, byteLength }]) => [
      key,
      new Uint8Array(buffer, byteOffset, byteLength)
    ])
  )
}

async function checkFormat(level: Level, snapshot: Snapshot, name: string): Promise<void> {
  // An empty database is a new one, or one whose maker died before this record: the same thing.
  if (snapshot.size === 0) {
    await level.batch([{ type: 'put', key: FORMAT_KEY, value: encode(uint(), FORMAT_VERSION) }], SYNCED)
    return
  }
  const record = snapshot.get(FORMAT_KEY)
  const version = record === undefined ? undefined : decode(uint(), record)
  if (version === FORMAT_VERSION) return
  throw new StoreFormatError(
    version === undefined
      ? `${name} holds a database that byzkit did not write`
      : `${name} has store format ${version}; this version of byzkit uses ${FORMAT_VERSION}`
  )
}

/** LevelDB's error as one of ours; it comes wrapped in one that says only that opening failed. */
function named(error: unknown, folder: string): Error {
  if (error instanceof StoreFormatError) return error
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'LEVEL_LOCKED') {
    return new StoreLockedError(`data folder ${folder} is in use by another process`, { cause })
  }
  const problem = code === 'LEVEL_CORRUPTION' ? 'is damaged' : 'cannot be used'
  return new StoreFolderError(`data folder ${folder} ${problem}: ${reasonOf(cause)}`, { cause })
}
