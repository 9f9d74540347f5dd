/** Runs writer-child.ts and reads what it says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const SCRIPT = fileURLToPath(new URL('./writer-child.ts', import.meta.url))

export interface Writer {
  /** The lines so far. */
  readonly lines: readonly string[]
  /** Resolves at the first line that `wanted` accepts, or when there can be none any more. */
  until(wanted: (line: string, count: number) => boolean): Promise<void>
  /** Resolves with all output read. */
  readonly exited: Promise<void>
  kill(): void
}

/**
 * @param shell - a prefix for `sh -c`, such as a `ulimit`
 * @param checkpointBytes - there is a checkpoint after so many bytes of journal; 0 for the usual
 */
export function startWriter(folder: string, from = 0, shell = '', checkpointBytes = 0): Writer {
  const child: ChildProcess = spawn(
    'sh',
    [
      '-c',
      `${shell} exec "$0" "$@"`,
      process.execPath,
      SCRIPT,
      folder,
      String(from),
      String(checkpointBytes)
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit']
    }
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines: string[] = []
  const listeners = new Set<() => void>()
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    // A line that the kill cut off was not said.
    rest = parts.pop() ?? ''
    lines.push(...parts)
    for (const listener of listeners) listener()
  })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    lines,
    exited,
    until: (wanted) =>
      Promise.race([
        exited,
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (lines.some((line, index) => wanted(line, index + 1))) resolve()
          }
          listeners.add(look)
          look()
        })
      ]),
    kill: () => {
      child.kill('SIGKILL')
    }
  }
}

/** The numbers of the turns that the writer was told are durable. */
export function durableTurns(lines: readonly string[]): number[] {
  return lines.filter((line) => line.startsWith('durable ')).map((line) => Number(line.slice(8)))
}
