/** A new private folder where the system has its temporary ones. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileError } from './read-file.ts'

/** @throws {UsageError} if there is no such place, which TMPDIR may say */
export async function makeTemporaryFolder(prefix: string, parent = tmpdir()): Promise<string> {
  try {
    return await mkdtemp(join(parent, prefix))
  } catch (error) {
    throw fileError(`${parent}, the folder for temporary files,`, 'cannot be used', error)
  }
}
