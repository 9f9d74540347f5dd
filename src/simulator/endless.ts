/**
 * When a run is given up: a protocol that grows without bound (two messages for each that it receives, a timer that
 * sets itself for now) would otherwise fill time and memory before virtual time gets anywhere.
 */
import type { Scheduler } from './scheduler.ts'

/** More events than this in one run. */
export const RUN_EVENTS_MAX = 5_000_000

/**
 * How many events may still be to come in a group of n, most of them messages on their way. A broadcast costs a few
 * times n^2 messages, each of n processes makes a few, and a partition may hold all of them back.
 */
export const runPendingMax = (n: number) => 100_000 + 20 * n * n * n

/** What has no bound: the events of the run, what is on its way, or the events of one turn of a process. */
export type Endless = 'events' | 'pending' | 'turn'

/** Runs what happens until that time. @param ended - whether it is given up for another reason */
export function runEvents(
  scheduler: Scheduler,
  n: number,
  until: number,
  ended: () => boolean
): { readonly events: number; readonly endless: Endless | undefined } {
  const pendingMax = runPendingMax(n)
  let events = 0
  while (scheduler.step(until)) {
    events++
    if (ended()) return { events, endless: 'turn' }
    if (events >= RUN_EVENTS_MAX) return { events, endless: 'events' }
    if (scheduler.pending > pendingMax) return { events, endless: 'pending' }
  }
  return { events, endless: undefined }
}
