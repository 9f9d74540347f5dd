/**
 * Writing several new files, all or none, over nothing that exists: a private key that was overwritten is a member
 * that was lost, and half of a group is none.
 */
import { randomBytes } from 'node:crypto'
import { link, lstat, open, rename, rmdir, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { makeFolders, syncFolder } from '../../store/folder.ts'
import { UsageError } from '../errors.ts'
import { fileError } from './read-file.ts'

/** A file that only its owner may read. */
export const PRIVATE_MODE = 0o600
/** A file for everybody to read. */
export const PUBLIC_MODE = 0o644

/** Folders that are made on the way are private, since keys go into them. */
const FOLDER_MODE = 0o700

export interface NewFile {
  readonly path: string
  readonly text: string
  readonly mode: number
}

/**
 * Each is written under a temporary name first, and linked to its own once all are on the disk: a link, unlike a
 * renaming, never replaces what is there. Where there are no links, a renaming replaces what we put there ourselves.
 *
 * @throws {UsageError} if one of them exists or cannot be made; then none is
 */
export async function writeNewFiles(files: readonly NewFile[]): Promise<void> {
  for (const { path } of files) await refuseExisting(path)
  const undo: (() => Promise<void>)[] = []
  const temporary: string[] = []
  try {
    for (const file of files) {
      await makeFolder(file.path, undo)
      temporary.push(await writeTemporary(file, undo))
    }
    for (const [i, { path }] of files.entries()) {
      await giveName(temporary[i]!, path, undo).catch((error) => {
        throw fileError(path, 'cannot be written', error)
      })
    }
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => {})
    throw error
  }
  for (const path of temporary) await unlink(path).catch(ifThere)
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) await syncFolder(folder)
}

/** What a file system without hard links (FAT, exFAT, some of networks) says to one. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'])

/** @throws if the name is taken */
async function giveName(temporary: string, path: string, undo: (() => Promise<void>)[]): Promise<void> {
  try {
    await link(temporary, path)
    undo.push(() => unlink(path))
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    // The name is taken first, by an empty file that only one can make: what is replaced then is that file.
    await (await open(path, 'wx')).close()
    undo.push(() => unlink(path))
    await rename(temporary, path)
  }
}

function ifThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await lstat(path)
  } catch {
    // Not there, or not to be known: whatever is the matter, writing will say.
    return
  }
  throw new UsageError(`${path} exists already, and nothing is overwritten`)
}

async function makeFolder(path: string, undo: (() => Promise<void>)[]): Promise<void> {
  const folder = dirname(resolve(path))
  try {
    const first = await makeFolders(folder, FOLDER_MODE)
    if (first !== undefined) undo.push(() => removeFolders(folder, first))
  } catch (error) {
    throw fileError(folder, 'cannot be made a folder', error)
  }
}

/** From the innermost to the first that was made; stops at one that is not empty. */
async function removeFolders(innermost: string, first: string): Promise<void> {
  for (let folder = innermost; folder.length >= first.length; folder = dirname(folder)) await rmdir(folder)
}

async function writeTemporary(file: NewFile, undo: (() => Promise<void>)[]): Promise<string> {
  const name = `.${basename(file.path)}.${randomBytes(6).toString('hex')}.tmp`
  const path = join(dirname(file.path), name)
  try {
    const handle = await open(path, 'wx', file.mode)
    undo.push(() => unlink(path))
    try {
      await handle.writeFile(file.text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw fileError(file.path, 'cannot be written', error)
  }
  return path
}
