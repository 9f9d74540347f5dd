/**
 * What a stopped member's data folder holds, and whether all of it is whole. Nothing is repaired or removed, but for
 * what LevelDB does whenever it is opened (it sorts its log into a table); no other process can open it meanwhile.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkBulk } from './bulk.ts'
import { StoreDamagedError, StoreFolderError } from './errors.ts'
import type { Level } from './level.ts'
import { checkEmptied, checkMark, DATABASE_FOLDER, databaseIn, named } from './level-store.ts'
import { type Mark, MarkFile } from './mark.ts'
import { type Recovered, recover } from './recovery.ts'
import { type Survey, surveyOf } from './survey.ts'

export interface Inspection {
  /** Path of the database. */
  readonly database: string
  /** Of its files. */
  readonly bytes: number
  /** As the database was read, whole or not; undefined if LevelDB could not read it. */
  readonly survey: Survey | undefined
  /** The record up to which the journal was durable for certain. */
  readonly marked: number | undefined
  /** Undefined if there is damage to the database. */
  readonly recovered: Recovered | undefined
  /** One line that names the file and the record; undefined if everything is whole. */
  readonly damage: string | undefined
}

type Judgement = Pick<Inspection, 'survey' | 'marked' | 'recovered' | 'damage'>

/**
 * @throws {StoreLockedError} if a member runs on it
 * @throws {StoreFormatError} if it is of another format
 * @throws {StoreFolderError} if it holds no store, or it cannot be opened
 */
export async function inspectStore(folder: string): Promise<Inspection> {
  const path = join(folder, DATABASE_FOLDER)
  const bytes = await bytesOf(path)
  if (bytes === undefined) throw new StoreFolderError(`data folder ${folder} holds no store`)
  const { level, name } = databaseIn(folder, false)
  try {
    await level.open()
    return { database: path, bytes, ...(await judge(level, name, new MarkFile(folder))) }
  } catch (error) {
    const problem = named(error, folder)
    if (!(problem instanceof StoreDamagedError)) throw problem
    const nothing = { survey: undefined, marked: undefined, recovered: undefined }
    return { database: path, bytes, ...nothing, damage: problem.message }
  } finally {
    await level.close()
  }
}

/** Each of the two files may be damaged, and what is known of the other is worth knowing. */
async function judge(level: Level, name: string, mark: Mark): Promise<Judgement> {
  const survey = await surveyOf(level)
  let marked: number | undefined
  let recovered: Recovered | undefined
  try {
    if (survey.empty) checkEmptied(survey, name, await mark.read())
    recovered = recover(survey, name)
    marked = await mark.read()
    checkMark(recovered, name, mark.name, marked)
    await checkBulk(level, name, recovered.state)
    return { survey, marked, recovered, damage: undefined }
  } catch (error) {
    if (!(error instanceof StoreDamagedError)) throw error
    return { survey, marked, recovered, damage: error.message }
  }
}

/** The size of the files in a folder; undefined if there is no such folder. */
async function bytesOf(folder: string): Promise<number | undefined> {
  try {
    const files = await readdir(folder)
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  } catch {
    return undefined
  }
}
