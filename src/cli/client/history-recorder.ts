/**
 * Appends operations to a history file, in the form that `byzkit check` reads: a line before each operation begins and
 * one after it has ended, so that the lines of several clients, each appended in one piece, stand in real-time order.
 */
import { appendFileSync } from 'node:fs'

/** Of the file: one operation, until it ends. */
export interface RecordedOperation {
  /** @param value - what a read returned */
  ok(value?: string | null): void
  /** It certainly took no effect. */
  fail(): void
  /** It may take effect, now or later. */
  info(): void
}

export class HistoryRecorder {
  readonly #append: (line: string) => void
  readonly #process: string

  /** @param append - is given whole lines */
  constructor(process: string, append: (line: string) => void) {
    this.#process = process
    this.#append = append
  }

  /** @throws the file system's error if the file cannot be appended to */
  static toFile(process: string, path: string): HistoryRecorder {
    return new HistoryRecorder(process, (line) => appendFileSync(path, line))
  }

  begin(f: 'read' | 'write', value?: string): RecordedOperation {
    const line = (type: string, of: string | null | undefined) =>
      this.#append(
        `${JSON.stringify({ process: this.#process, type, f, ...(of === undefined ? {} : { value: of }) })}\n`
      )
    line('invoke', value)
    return {
      ok: (result) => line('ok', f === 'read' ? (result ?? null) : value),
      fail: () => line('fail', value),
      info: () => line('info', value)
    }
  }
}

/** Values as texts: UTF-8 where it is, else base64 that says so. */
export function textOf(value: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
  } catch {
    // Not UTF-8: an expected kind of value.
    return `base64:${Buffer.from(value).toString('base64')}`
  }
}
