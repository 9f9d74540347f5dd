/**
 * A store on disk: LevelDB (classic-level) in the sub-folder `store` of a member's data folder, and beside it the
 * high-water mark.
 *
 * All of it but bulk is read once, at opening: components restore at construction, so that a read never waits for a
 * disk within a turn. Of bulk each value is looked at, at opening, and read when it is asked for.
 */
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { encode, uint } from '../core/shapes.ts'
import { isBulk } from '../core/store.ts'
import { checkBulk, readBulk } from './bulk.ts'
import { clearSuperfluous, FIRST_CHECKPOINT, manifestRecord } from './checkpoint.ts'
import { StoreDamagedError, StoreFolderError, StoreFormatError, StoreLockedError } from './errors.ts'
import { prepareFolder, reasonOf } from './folder.ts'
import { FORMAT_KEY, FORMAT_VERSION } from './layout.ts'
import { type Level, SYNCED } from './level.ts'
import { CHECKPOINT_BOUNDS, type CheckpointBounds, LevelJournal } from './level-journal.ts'
import { type Mark, MarkFile } from './mark.ts'
import type { Durability, OpenStore } from './open-store.ts'
import { type Recovered, recover } from './recovery.ts'
import { Snapshot } from './snapshot.ts'
import { type Survey, surveyOf } from './survey.ts'

/** The sub-folder of the data folder that LevelDB has for itself. */
export const DATABASE_FOLDER = 'store'

export interface StoreOptions {
  readonly durability: Durability
  /** Without it, a lost end of the journal goes unnoticed. */
  readonly mark?: Mark
  readonly bounds?: CheckpointBounds
}

/** The database in a data folder, and its name in errors. It opens by itself, soon. */
export function databaseIn(folder: string, createIfMissing = true) {
  const path = join(folder, DATABASE_FOLDER)
  const options = { keyEncoding: 'utf8', valueEncoding: 'view', createIfMissing } as const
  return { level: new ClassicLevel<string, Uint8Array>(path, options), name: `database ${path}` }
}

/**
 * Opens the store in a data folder, making both if need be. No other process can open it meanwhile.
 *
 * @throws {StoreLockedError} if another process has it open
 * @throws {StoreFormatError} if it holds another version of the format
 * @throws {StoreDamagedError} if something that was acknowledged is missing or changed
 * @throws {StoreFolderError} if the folder cannot be used
 */
export async function openLevelStore(
  folder: string,
  bounds: CheckpointBounds = CHECKPOINT_BOUNDS
): Promise<OpenStore> {
  await prepareFolder(folder)
  const { level, name } = databaseIn(folder)
  try {
    return await openStoreOn(level, name, { durability: 'disk', mark: new MarkFile(folder), bounds })
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
 * @throws {StoreDamagedError} if something in it is missing or changed
 */
export async function openStoreOn(level: Level, name: string, options: StoreOptions): Promise<OpenStore> {
  const { durability, mark, bounds = CHECKPOINT_BOUNDS } = options
  try {
    await level.open()
    const recovered = await recoverFrom(level, name, mark)
    const deleted = await checkBulk(level, name, recovered.state)
    if (deleted.length > 0)
      await level.batch(
        deleted.map((key) => ({ type: 'del', key })),
        SYNCED
      )
    for await (const _ of clearSuperfluous(level, recovered.checkpoint));
    await mark?.begin(recovered.last)
    const journal = new LevelJournal({ level, name, recovered, mark, bounds })
    const snapshot = new Snapshot([...recovered.state].filter(([key]) => !isBulk(key)))
    return {
      journal,
      durability,
      restored: (prefix) => snapshot.under(prefix),
      read: (key) => readBulk(level, name, key),
      async close() {
        await journal.settled()
        await level.close()
        await mark?.close()
      }
    }
  } catch (error) {
    await level.close()
    await mark?.close()
    throw error
  }
}

async function recoverFrom(level: Level, name: string, mark: Mark | undefined): Promise<Recovered> {
  const survey = await surveyOf(level)
  const marked = await mark?.read()
  // An empty database is a new one, or one whose maker died before its first write: the same thing.
  if (survey.empty && marked === undefined) {
    await level.batch(
      [
        { type: 'put', key: FORMAT_KEY, value: encode(uint(), FORMAT_VERSION) },
        manifestRecord(FIRST_CHECKPOINT)
      ],
      SYNCED
    )
    return { checkpoint: FIRST_CHECKPOINT, last: 0, journalBytes: 0, state: new Map() }
  }
  checkEmptied(survey, name, marked)
  const recovered = recover(survey, name)
  if (mark !== undefined) checkMark(recovered, name, mark.name, marked)
  return recovered
}

/** Where there is a mark there was a first write. */
export function checkEmptied({ empty }: Survey, name: string, marked: number | undefined): void {
  if (empty && marked !== undefined)
    throw new StoreDamagedError(`${name} is damaged: it is empty, and was not before`)
}

/** The mark is written after each record: it may lag behind the journal, but never runs ahead of it. */
export function checkMark({ last }: Recovered, name: string, mark: string, marked: number | undefined): void {
  // It is there before the first record is.
  if (marked === undefined && last > 0)
    throw new StoreDamagedError(`${mark} is missing: it was made with the journal`)
  if (marked !== undefined && marked > last)
    throw new StoreDamagedError(
      `${name} is damaged: journal record ${last + 1} is missing (it was written, as were all up to ${marked})`
    )
}

/** LevelDB's error as one of ours; it comes wrapped in one that says only that opening failed. */
export function named(error: unknown, folder: string): Error {
  if (error instanceof StoreFormatError || error instanceof StoreDamagedError) return error
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'LEVEL_LOCKED') {
    return new StoreLockedError(`data folder ${folder} is in use by another process`, { cause })
  }
  const reason = reasonOf(cause)
  // The folder is there and ours: what is not found, or has no such content, is a file of LevelDB's own.
  if (code === 'LEVEL_CORRUPTION' || /No such file|Invalid argument/.test(reason)) {
    const database = join(folder, DATABASE_FOLDER)
    return new StoreDamagedError(`database ${database} is damaged: ${reason}`, { cause })
  }
  return new StoreFolderError(`data folder ${folder} cannot be used: ${reason}`, { cause })
}
