/**
 * When a run is given up: a protocol that grows without bound (two messages for each that it receives, a timer that
 * sets itself for now) would otherwise fill time and memory before virtual time gets anywhere.
 */
import type { Scheduler } from './scheduler.ts'

/** More events than this in one run. */
export const RUN_EVENTS_MAX = 5_000_000

/** More events than this that are still to come: most of them are messages on their way. */
export const RUN_PENDING_MAX = 1_000_000

/** What has no bound: the events of the run, what is on its way, or the events of one turn of a process. */
export type Endless = 'events' | 'pending' | 'turn'

/** Runs what happens until that time. @param ended - whether it is given up for another reason */
export function runEvents(
  scheduler: Scheduler,
  until: number,
  ended: () => boolean
): { readonly events: number; readonly endless: Endless | undefined } {
  let events = 0
  while (scheduler.step(until)) {
    events++
    if (ended()) return { events, endless: 'turn' }
    if (events >= RUN_EVENTS_MAX) return { events, endless: 'events' }
    if (scheduler.pending > RUN_PENDING_MAX) return { events, endless: 'pending' }
  }
  return { events, endless: undefined }
}
