/**
 * Where a running member is openPorts to: a unix socket in its data folder. The system takes a path of some hundred
 * bytes for it, far fewer than a data folder may have; a longer one is reached through a short symbolic link, in a
 * private folder that exists for this moment only.
 */
import { rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { UsageError } from '../../program/errors.ts'
import { makeTemporaryFolder } from '../../program/files/temporary-folder.ts'

export const SOCKET_NAME = 'control.sock'

/** sun_path has 104 bytes on macOS and the BSDs, 108 on Linux; one is the final zero. */
const SOCKET_PATH_BYTES_MAX = 103

/**
 * Calls `use` with a path of the socket that the system accepts; it holds until the promise is settled.
 *
 * @throws {UsageError} if there is none
 */
export async function withSocketPath<T>(dataFolder: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = join(resolve(dataFolder), SOCKET_NAME)
  // Windows has named pipes instead, which are no files.
  if (process.platform === 'win32') return use(join('\\\\?\\pipe', path))
  if (fits(path)) return use(path)
  const isShort = fits(join(tmpdir(), 'byzkit-XXXXXX', 'd', SOCKET_NAME))
  const short = await makeTemporaryFolder('byzkit-', isShort ? tmpdir() : '/tmp')
  try {
    const link = join(short, 'd')
    await symlink(resolve(dataFolder), link)
    const shortPath = join(link, SOCKET_NAME)
    if (!fits(shortPath)) throw new UsageError(`${dataFolder}: no path to its control socket is short enough`)
    return await use(shortPath)
  } finally {
    await rm(short, { recursive: true, force: true })
  }
}

const fits = (path: string): boolean => Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX
