/** By its first characters it is told what a file is, without reading more of it. */
import { open } from 'node:fs/promises'
import { fileError } from '../../program/files/read-file.ts'

/** @throws {UsageError} if it cannot be read */
export async function beginsWith(path: string, opening: string): Promise<boolean> {
  try {
    const file = await open(path, 'r')
    try {
      // What comes through a pipe can be read only once.
      if (!(await file.stat()).isFile()) return false
      const { buffer, bytesRead } = await file.read(Buffer.alloc(opening.length), 0, opening.length, 0)
      return buffer.toString('latin1', 0, bytesRead) === opening
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError(path, 'cannot be read', error)
  }
}
