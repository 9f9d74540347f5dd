/** Whether a file can be written, found out before the work whose result is to go there. */
import { randomUUID } from 'node:crypto'
import { open, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileError } from './read-file.ts'

/** As {@link requireWritable}, of a file that must not be there yet. @throws {UsageError} */
export async function requireNew(path: string): Promise<void> {
  try {
    if (await exists(path)) throw Object.assign(new Error(`${path} exists`), { code: 'EEXIST' })
    await tryFolder(dirname(path))
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
}

/**
 * Leaves what is there as it is. Where nothing is, nothing is made under this name: several processes may be about to
 * write the same file, and what one of them takes away again another may have found.
 *
 * @throws {UsageError} if it cannot be written
 */
export async function requireWritable(path: string): Promise<void> {
  try {
    if (await exists(path)) await (await open(path, 'a')).close()
    else await tryFolder(dirname(path))
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
}

async function exists(path: string): Promise<boolean> {
  if (/[\\/]$/.test(path)) throw Object.assign(new Error(`${path} is no file`), { code: 'EISDIR' })
  try {
    await stat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function tryFolder(folder: string): Promise<void> {
  const path = join(folder, `.byzkit-${randomUUID()}`)
  await (await open(path, 'wx')).close()
  await unlink(path)
}
