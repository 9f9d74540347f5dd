/** Time as a campaign sees it, in milliseconds: that of the machine, unless a test has another. */
import { setTimeout as pause } from 'node:timers/promises'

export interface Pace {
  now(): number
  pause(ms: number): Promise<unknown>
}

export const REAL: Pace = { now: () => performance.now(), pause }

/** Waits until so much time has gone by, from now on. */
export function stopwatch({ now, pause: wait }: Pace): (ms: number) => Promise<unknown> {
  const started = now()
  return (ms) => wait(Math.max(0, ms - (now() - started)))
}
