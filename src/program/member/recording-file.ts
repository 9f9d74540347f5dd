/**
 * The file of `node --record`: new, for its owner's eyes, written at the end of each turn. A line is with the system
 * before anything of its turn leaves, so `kill -9` loses nothing that others have seen; a power cut may lose the end,
 * since lines are synced only when the member stops. Nothing gathers in memory: a slow disk makes the member slow.
 */
import { closeSync, fsyncSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { PRIVATE_MODE } from '../files/new-files.ts'
import { fileError } from '../files/read-file.ts'

export interface RecordingFile {
  /** Never throws: a member does not stop because it cannot be recorded. */
  write(line: string): void
  /** A file in which nothing was written is removed. */
  close(): void
}

/**
 * @param onFailure - told once, if a line cannot be written; the recording ends there
 * @throws {UsageError} if the file exists or cannot be made
 */
export function createRecordingFile(path: string, onFailure: (error: Error) => void): RecordingFile {
  let file: number | undefined = open(path)
  let empty = true
  const close = (): void => {
    if (file === undefined) return
    fsyncSync(file)
    closeSync(file)
    file = undefined
    if (empty) unlinkSync(path)
  }
  const attempt = (step: () => void): void => {
    try {
      step()
    } catch (error) {
      file = undefined
      onFailure(fileError(path, 'cannot be written any more', error))
    }
  }
  return {
    write: (line) =>
      attempt(() => {
        if (file === undefined) return
        empty = false
        writeFileSync(file, `${line}\n`)
      }),
    close: () => attempt(close)
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'wx', PRIVATE_MODE)
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
}
