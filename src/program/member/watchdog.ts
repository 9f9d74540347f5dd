/**
 * Watches a member from a thread of its own: of a command that a replicated machine does not end, the process itself
 * can say nothing any more. The thread says so, on the standard error, once for each command.
 */
import { Worker } from 'node:worker_threads'
import { requireWithin } from '../../core/parameters.ts'

/** A command that takes longer than this does not end, as far as anybody can tell, in milliseconds. */
export const HANGS_AFTER_MS = 10_000
/** What may be given in its place. */
export const HANGS_AFTER_MS_MIN = 100
export const HANGS_AFTER_MS_MAX = 60 * 60_000
/** Of what is said of a command. */
const TEXT_BYTES_MAX = 256

/** What both threads see: which command it is, counted from 1 (0: none is applied), how long its text is; the text. */
export interface Watched {
  readonly numbers: Int32Array
  readonly text: Uint8Array
}
export const COMMAND = 0
export const LENGTH = 1

export interface WatchdogData extends Watched {
  readonly hangsAfterMs: number
}

export interface WatchdogOptions {
  /** How long a command may take, milliseconds: HANGS_AFTER_MS_MIN to HANGS_AFTER_MS_MAX; default HANGS_AFTER_MS. */
  readonly hangsAfterMs?: number
}

export interface Watchdog {
  /** To be given to the member that is watched, as its `applying`: one watchdog is for one member. */
  readonly applying: (command: string | null) => void
  /** Ends the thread; when the member has stopped. */
  close(): Promise<void>
}

/**
 * Watches one member: the thread writes to the standard error which command its machine has not returned from, once for
 * each. It keeps no process alive.
 *
 * @throws InvalidParametersError if `hangsAfterMs` is out of its bounds
 */
export function watchdog({ hangsAfterMs = HANGS_AFTER_MS }: WatchdogOptions = {}): Watchdog {
  requireWithin('hangsAfterMs', hangsAfterMs, HANGS_AFTER_MS_MIN, HANGS_AFTER_MS_MAX, 'ms')
  const watched: Watched = {
    numbers: new Int32Array(new SharedArrayBuffer(8)),
    text: new Uint8Array(new SharedArrayBuffer(TEXT_BYTES_MAX))
  }
  const workerData: WatchdogData = { ...watched, hangsAfterMs }
  // Beside this file, with its extension: .js when built, .ts when run from source.
  const url = new URL(`./watchdog-thread${import.meta.url.slice(-3)}`, import.meta.url)
  // Whatever this process was started with (a script on the command line, say) is not meant for the thread.
  const thread = new Worker(url, { workerData, execArgv: [] })
  thread.on('error', ({ message }) => process.emitWarning(`the watchdog of a member has ended: ${message}`))
  // It keeps no process alive, and what it cannot watch is not the member's trouble.
  thread.unref()
  const encoder = new TextEncoder()
  let count = 0
  return {
    applying(command) {
      if (command === null) {
        Atomics.store(watched.numbers, COMMAND, 0)
        return
      }
      // Not into shared memory at once: no encoder writes there.
      const encoded = encoder.encode(command).subarray(0, TEXT_BYTES_MAX)
      watched.text.set(encoded)
      Atomics.store(watched.numbers, LENGTH, encoded.length)
      count = (count % 2 ** 30) + 1
      Atomics.store(watched.numbers, COMMAND, count)
    },
    close: async () => void (await thread.terminate())
  }
}
