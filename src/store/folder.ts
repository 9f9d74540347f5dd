/**
 * The data folder: one member's votes, and the socket that commands it. Nobody else may enter it, and the folder
 * itself must survive a crash of the machine like what is put in it.
 */
import { chmod, mkdir, open, readdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { StoreFolderError } from './errors.ts'

const PRIVATE_MODE = 0o700
/** Permission bits of everybody but the owner. */
const OTHERS_BITS = 0o077

/** Makes the folder if need be, with mode 0700, durably. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: PRIVATE_MODE })
    await closeToOthers(folder)
    await syncFolder(folder)
    await syncFolder(dirname(resolve(folder)))
  } catch (error) {
    if (error instanceof StoreFolderError) throw error
    throw new StoreFolderError(`data folder ${folder} cannot be used: ${reasonOf(error)}`, { cause: error })
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
