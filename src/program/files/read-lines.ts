/** Reading a large file, or standard input, line by line: text, bounded, and one clear line when it cannot be. */
import { createReadStream } from 'node:fs'
import { UsageError } from '../errors.ts'
import { fileError } from './read-file.ts'

export interface LinesBounds {
  readonly bytesMax: number
  readonly lineCharactersMax: number
}

/**
 * The lines of a file, some at a time, without their ends and without a byte order mark before the first. In memory is
 * no more than a chunk of the file and the line that it is in the middle of.
 *
 * @param path - a file, or `-` for standard input
 * @throws {UsageError}
 */
export async function* linesOf(
  path: string,
  { bytesMax, lineCharactersMax }: LinesBounds
): AsyncGenerator<readonly string[], void> {
  const name = path === '-' ? 'standard input' : path
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const splitter = new LineSplitter(name, lineCharactersMax)
  let bytes = 0
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new UsageError(`${name}: larger than ${bytesMax} bytes`)
      yield splitter.add(decode(name, () => decoder.decode(chunk, { stream: true })))
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error ? fileError(name, 'cannot be read', error) : error
  }
  yield splitter.add(decode(name, () => decoder.decode()))
  yield splitter.rest()
}

/** Calls `onLine` with each line; see {@link linesOf}. @throws {UsageError} and what `onLine` throws */
export async function readLines(
  path: string,
  bounds: LinesBounds,
  onLine: (line: string) => void
): Promise<void> {
  for await (const lines of linesOf(path, bounds)) for (const line of lines) onLine(line)
}

/** Puts lines together from pieces of text; a line without end costs no more than its bound. */
class LineSplitter {
  readonly #name: string
  readonly #charactersMax: number
  /** Of the line that has no end yet. */
  #pieces: string[] = []
  #characters = 0

  constructor(name: string, charactersMax: number) {
    this.#name = name
    this.#charactersMax = charactersMax
  }

  /** The lines that end in this text. */
  add(text: string): string[] {
    const lines: string[] = []
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.#extend(text.slice(from, to))
      lines.push(this.#finished())
      from = to + 1
    }
    this.#extend(text.slice(from))
    return lines
  }

  /** The last line, if it has no end. */
  rest(): string[] {
    return this.#characters > 0 ? [this.#finished()] : []
  }

  #extend(piece: string): void {
    this.#characters += piece.length
    if (this.#characters > this.#charactersMax)
      throw new UsageError(`${this.#name}: a line of more than ${this.#charactersMax} characters`)
    if (piece !== '') this.#pieces.push(piece)
  }

  #finished(): string {
    const line = this.#pieces.join('')
    this.#pieces = []
    this.#characters = 0
    return line
  }
}

function decode(name: string, text: () => string): string {
  try {
    return text()
  } catch {
    throw new UsageError(`${name}: not UTF-8 text`)
  }
}
