/** A line that is written over while something long is under way; nothing where nobody looks. */
import type { Output } from './output.ts'

export interface LiveLine {
  show(text: string): void
  clear(): void
}

const ERASE_LINE = '\r\u001b[2K'

export function liveLine({ json }: Output, stream: NodeJS.WriteStream = process.stderr): LiveLine {
  if (json || !stream.isTTY) return { show() {}, clear() {} }
  return {
    show: (text) => stream.write(ERASE_LINE + text.slice(0, Math.max(20, stream.columns - 1))),
    clear: () => stream.write(ERASE_LINE)
  }
}
