/** Reading a file that a person named: text, bounded, and one clear line when it cannot be. */
import { type FileHandle, open } from 'node:fs/promises'
import { OperationError, UsageError } from '../errors.ts'

/** The largest file that is read whole, in bytes: a group of 256 members has under 100 kB. */
const FILE_BYTES_MAX = 4 * 1024 * 1024

export interface TextFile {
  readonly text: string
  /** Permission bits. */
  readonly mode: number
}

/** @throws {UsageError} */
export async function readTextFile(path: string): Promise<TextFile> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    // Of the open file, so that the permissions are those of what is read. A pipe will do as well.
    const { mode } = await file.stat()
    const chunks: Buffer[] = []
    for await (const chunk of file.createReadStream({ end: FILE_BYTES_MAX, autoClose: false }))
      chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    if (bytes.length > FILE_BYTES_MAX) throw new UsageError(`${path}: larger than ${FILE_BYTES_MAX} bytes`)
    return { text: decodeUtf8(path, bytes), mode: mode & 0o777 }
  } catch (error) {
    throw fileError(path, 'cannot be read', error)
  } finally {
    await file?.close()
  }
}

/** Without a byte order mark before it. */
function decodeUtf8(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(`${path}: not UTF-8 text`)
  }
}

/** Causes that whoever gave the path can do something about. */
const REASONS: { readonly [code: string]: string } = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EROFS: 'the file system is read-only'
}

/** A failed file operation as one of our errors, in one line. */
export function fileError(path: string, problem: string, error: unknown): Error {
  if (error instanceof UsageError) return error
  const { code, message } = error as NodeJS.ErrnoException
  // Without a code it is no answer of the system but a bug of ours.
  if (code === undefined) return error as Error
  const reason = REASONS[code]
  if (reason === undefined) return new OperationError(`${path} ${problem}: ${message}`)
  return new UsageError(`${path} ${problem}: ${reason}`)
}
