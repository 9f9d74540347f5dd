/** Reading a large file, or standard input, line by line: text, bounded, and one clear line when it cannot be. */
import { createReadStream } from 'node:fs'
import { UsageError } from './errors.ts'
import { fileError } from './read-file.ts'

export interface LinesBounds {
  readonly bytesMax: number
  readonly lineCharactersMax: number
}

/**
 * Calls `onLine` with each line, without its end and without a byte order mark before the first. In memory is no more than
 * a chunk of the file and the line that it is in the middle of.
 *
 * @param path - a file, or `-` for standard input
 * @throws {UsageError} and what `onLine` throws
 */
export async function readLines(
  path: string,
  { bytesMax, lineCharactersMax }: LinesBounds,
  onLine: (line: string) => void
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const lines = new LineSplitter(path, lineCharactersMax, onLine)
  let bytes = 0
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new UsageError(`${path}: larger than ${bytesMax} bytes`)
      lines.add(decode(path, () => decoder.decode(chunk, { stream: true })))
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error ? fileError(path, 'cannot be read', error) : error
  }
  lines.add(decode(path, () => decoder.decode()))
  lines.end()
}

/** Puts lines together from pieces of text; a line without end costs no more than its bound. */
class LineSplitter {
  readonly #path: string
  readonly #charactersMax: number
  readonly #onLine: (line: string) => void
  /** Of the line that has no end yet. */
  #pieces: string[] = []
  #characters = 0

  constructor(path: string, charactersMax: number, onLine: (line: string) => void) {
    this.#path = path
    this.#charactersMax = charactersMax
    this.#onLine = onLine
  }

  add(text: string): void {
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.#extend(text.slice(from, to))
      this.#finish()
      from = to + 1
    }
    this.#extend(text.slice(from))
  }

  end(): void {
    if (this.#characters > 0) this.#finish()
  }

  #extend(piece: string): void {
    this.#characters += piece.length
    if (this.#characters > this.#charactersMax)
      throw new UsageError(`${this.#path}: a line of more than ${this.#charactersMax} characters`)
    if (piece !== '') this.#pieces.push(piece)
  }

  #finish(): void {
    const line = this.#pieces.join('')
    this.#pieces = []
    this.#characters = 0
    this.#onLine(line)
  }
}

function decode(path: string, text: () => string): string {
  try {
    return text()
  } catch {
    throw new UsageError(`${path}: not UTF-8 text`)
  }
}
