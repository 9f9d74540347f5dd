/**
 * Appends operations to a history file, in the form that `byzkit check` reads: a line before each operation begins and
 * one after it has ended, so that the lines of several clients, each appended in one piece, stand in real-time order.
 */
import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { VALUE_BYTES_MAX } from '../../registers/constants.ts'
import { fileError } from '../files/read-file.ts'

/** Of the file: one operation, until it ends. */
export interface RecordedOperation {
  /** @param value - what a read returned */
  ok(value?: string | null): void
  /** It certainly took no effect. */
  fail(): void
  /** It may take effect, now or later. */
  info(): void
}

/** Of registers, and of stores. */
export type RecordedName = 'read' | 'write' | 'get' | 'put' | 'append' | 'delete' | 'cas'

/** What is written; of a compare-and-set what is expected, and what is written. */
type Recorded = string | readonly (string | null)[]

const READS: ReadonlySet<RecordedName> = new Set(['read', 'get'])

export class HistoryRecorder {
  readonly #append: (line: string) => void
  readonly #process: string
  readonly #key: string | undefined

  /**
   * @param process - does one thing at a time, and is never heard of again after an operation that it did not end
   * @param key - of the register, where the history has several
   * @param append - is given whole lines
   */
  constructor(process: string, key: string | undefined, append: (line: string) => void) {
    this.#process = process
    this.#key = key
    this.#append = append
  }

  /** @throws {UsageError} if the file cannot be appended to, before anything is recorded */
  static toFile(process: string, key: string, path: string): HistoryRecorder {
    const append = (text: string): void => {
      try {
        appendFileSync(path, text)
      } catch (error) {
        throw fileError(path, 'cannot be appended to', error)
      }
    }
    append('')
    return new HistoryRecorder(process, key, append)
  }

  begin(f: RecordedName, value?: Recorded): RecordedOperation {
    // What is undefined JSON leaves out.
    const line = (type: string, of: Recorded | null | undefined) =>
      this.#append(`${JSON.stringify({ process: this.#process, type, f, key: this.#key, value: of })}\n`)
    line('invoke', value)
    return {
      ok: (result) => line('ok', READS.has(f) ? (result ?? null) : value),
      fail: () => line('fail', value),
      info: () => line('info', value)
    }
  }
}

const BASE64 = 'base64:'
const SHA256 = 'sha256:'

/** Values as texts, no two alike: UTF-8 where it is, else base64 that says so. */
export function textOf(value: Uint8Array): string {
  const bytes = Buffer.from(value)
  const text = bytes.toString('utf8')
  const isText = bytes.equals(Buffer.from(text)) && !text.startsWith(BASE64)
  return isText ? text : `${BASE64}${bytes.toString('base64')}`
}

/** As {@link textOf}, for a history: of what is longer than the value of a register it is the hash. */
export function recordedTextOf(value: Uint8Array): string {
  if (value.length > VALUE_BYTES_MAX) return `${SHA256}${createHash('sha256').update(value).digest('hex')}`
  const text = textOf(value)
  return text.startsWith(SHA256) ? `${BASE64}${Buffer.from(value).toString('base64')}` : text
}
