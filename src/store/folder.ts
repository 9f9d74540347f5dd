/**
 * The data folder: one member's votes, and the socket that commands it. Nobody else may enter it, and the folder
 * itself must survive a crash of the machine like what is put in it.
 */
import { chmod, mkdir, open, readdir, rmdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { StoreFolderError } from './errors.ts'

const PRIVATE_MODE = 0o700
/** Permission bits of everybody but the owner. */
const OTHERS_BITS = 0o077

/** Makes the folder if need be, with mode 0700, durably. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder, PRIVATE_MODE)
    await closeToOthers(folder)
    await syncFolder(folder)
    await syncFolder(dirname(resolve(folder)))
  } catch (error) {
    if (error instanceof StoreFolderError) throw error
    throw new StoreFolderError(`data folder ${folder} cannot be used: ${reasonOf(error)}`, { cause: error })
  }
}

/**
 * Makes a folder and those above it that are missing, each of them durably, or none of them.
 *
 * Not by one recursive `mkdir`: that makes only the last name durable that is synced afterwards, and says of a file
 * system that is read-only that it has no such folder.
 *
 * @returns the first one that was made, if any was
 */
export async function makeFolders(
  folder: string,
  mode: number,
  sync: (folder: string) => Promise<void> = syncFolder
): Promise<string | undefined> {
  const missing: string[] = []
  for (let path = resolve(folder); !(await isThere(path)); path = dirname(path)) missing.unshift(path)
  const made: string[] = []
  try {
    for (const path of missing) {
      if (await makeFolder(path, mode)) made.push(path)
      await sync(dirname(path))
    }
  } catch (error) {
    for (const path of made.reverse()) await rmdir(path)
    throw error
  }
  return made[0]
}

/** Whether there is a folder. @throws if there is something else, or it is not to be known */
async function isThere(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  throw Object.assign(new Error(`${path} is not a folder`), { code: 'EEXIST' })
}

/** @returns false if another process has made it meanwhile */
async function makeFolder(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await isThere(path))) return false
    throw error
  }
}

/** An empty folder becomes ours; one that holds something is not changed behind its owner's back. */
async function closeToOthers(folder: string): Promise<void> {
  // Windows has no such bits: there, the folder inherits the access list of the one above it.
  if (process.platform === 'win32') return
  const mode = (await stat(folder)).mode & 0o777
  if ((mode & OTHERS_BITS) === 0) return
  if ((await readdir(folder)).length > 0) {
    throw new StoreFolderError(
      `data folder ${folder} is open to other users (mode ${mode.toString(8)}): run chmod 700 on it`
    )
  }
  await chmod(folder, PRIVATE_MODE)
}

/** LevelDB syncs its own folder; the names of the folders above it are ours to make durable. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const REASONS: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'not a folder',
  EEXIST: 'not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full'
}

/** The cause of a failed file operation, in words and in one line. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return (code !== undefined ? REASONS[code] : undefined) ?? String(message).split('\n', 1)[0]!
}
