/** Traces of clusters in the folder for temporary files: each is there to be looked at, and not for ever. */
import { randomBytes } from 'node:crypto'
import { readdir, stat, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Younger ones are left, milliseconds. */
export const TRACE_KEPT_MS = 24 * 3600 * 1000

const NAME = /^byzkit-cluster-[0-9a-f]{8}\.jsonl$/

export function newTracePath(folder = tmpdir()): string {
  return join(folder, `byzkit-cluster-${randomBytes(4).toString('hex')}.jsonl`)
}

/** Removes those of this user that are older than {@link TRACE_KEPT_MS}. */
export async function removeOldTraces(folder = tmpdir(), nowMs = Date.now()): Promise<void> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name))
  for (const path of names.map((name) => join(folder, name))) {
    try {
      const { uid, mtimeMs } = await stat(path)
      const isOwn = process.getuid === undefined || uid === process.getuid()
      if (isOwn && nowMs - mtimeMs > TRACE_KEPT_MS) await unlink(path)
    } catch (error) {
      // Another cluster that ends now tidies up as well.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
