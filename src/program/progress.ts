/** How far something long is: written over in a terminal, and a line now and then where there is none. */
import { fitted } from '../viewer/columns.ts'
import type { Output } from './output.ts'

export interface LiveLine {
  show(text: string): void
  clear(): void
}

/** What is written to: standard error, which is nobody's input. */
export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

const ERASE_LINE = '\r\u001b[2K'

/** Where it is read later, or kept in a log: so often, milliseconds. */
const SPARSE_MS = 60_000

/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80

/** @param now - milliseconds from any moment on */
export function liveLine(
  { json }: Pick<Output, 'json'>,
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now()
): LiveLine {
  if (json) return { show() {}, clear() {} }
  if (!stream.isTTY) return sparseLines(stream, now)
  return {
    // In the last column a terminal may begin a new line.
    show: (text) => stream.write(ERASE_LINE + fitted(text, Math.max(20, (stream.columns ?? COLUMNS) - 1))),
    clear: () => stream.write(ERASE_LINE)
  }
}

function sparseLines(stream: ProgressStream, now: () => number): LiveLine {
  let dueMs = now() + SPARSE_MS
  return {
    show(text) {
      if (now() < dueMs) return
      dueMs = now() + SPARSE_MS
      stream.write(`${text}\n`)
    },
    clear() {}
  }
}

/** As `250 of 1,000 runs, about 12 s left`. @param elapsedMs - since there were none */
export function howFar(what: string, done: number, total: number, elapsedMs: number): string {
  const far = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${what}`
  if (done === 0 || done >= total) return far
  return `${far}, about ${duration((elapsedMs / done) * (total - done))} left`
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}
