/** How tests wait: for what they want, however long a busy machine takes to come to it, but not for ever. */
import { setTimeout as pause } from 'node:timers/promises'

/** What takes so long hangs, on any machine. A test may take a little longer (vitest.config.ts). */
export const HANGS_MS = 200_000

const LOOK_MS = 5

/** Waits until `holds`, and says what did not come. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + HANGS_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`in vain: ${what}`)
    await pause(LOOK_MS)
  }
}

/** For what takes a signal: aborts what hangs. */
export const patience = (): AbortSignal => AbortSignal.timeout(HANGS_MS)

/**
 * Lets time pass, at least so many milliseconds: only where the passing of time is what is tested, and never so that
 * something has the time to happen. test/architecture/waiting.test.ts lists who may, and why.
 */
export const elapse = (ms: number): Promise<void> => pause(ms)

/** Lets everything that is ready to go on do so. */
export const turn = (): Promise<void> => new Promise(setImmediate)
