/** Reading a large file, or standard input, line by line: text, bounded, and one clear line when it cannot be. */
import { createReadStream } from 'node:fs'
import { UsageError } from './errors.ts'
import { fileError } from './read-file.ts'

export interface LinesBounds {
  readonly bytesMax: number
  readonly lineCharactersMax: number
}

/**
 * @param path - a file, or `-` for standard input
 * @throws {UsageError}
 */
export async function readLines(
  path: string,
  { bytesMax, lineCharactersMax }: LinesBounds,
  onLine: (line: string) => void
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let bytes = 0
  let rest = ''
  const take = (text: string): void => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    if (rest.length > lineCharactersMax)
      throw new UsageError(`${path}: a line of more than ${lineCharactersMax} characters`)
  }
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new UsageError(`${path}: larger than ${bytesMax} bytes`)
      take(decode(path, () => decoder.decode(chunk, { stream: true })))
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error ? fileError(path, 'cannot be read', error) : error
  }
  take(decode(path, () => decoder.decode()))
  if (rest !== '') onLine(rest)
}

function decode(path: string, text: () => string): string {
  try {
    return text()
  } catch {
    throw new UsageError(`${path}: not UTF-8 text`)
  }
}
