/**
 * An application's sink of lines that cannot hurt the process it is told by. It is called in the middle of a turn,
 * where an error would be taken for one of ours and stop the process.
 */
import type { LineSink } from '../recording/recording-format.ts'

/** @param failed - is told once; after that the sink is told nothing: a recording with a hole is none */
export function guardedSink(sink: (line: string) => unknown, failed: (error: unknown) => void): LineSink {
  let broken = false
  const give = (error: unknown) => {
    if (!broken) failed(error)
    broken = true
  }
  return (line) => {
    if (broken) return
    try {
      const result = sink(line)
      if (result instanceof Promise) result.catch(give)
    } catch (error) {
      give(error)
    }
  }
}
