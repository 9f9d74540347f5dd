/**
 * Says nothing at all, from the start: as a process that crashed before the run. It may cost its own broadcasts and
 * use up one of the f failures that every quorum allows for; nothing else.
 */
import type { Behaviour } from './behaviour.ts'

export const silent: Behaviour = {
  name: 'silent',
  powers: 'says nothing, ever',
  live: true,
  effect: { broadcasts: 'missing' },
  create: ({ report }) => ({
    start() {},
    ask: () => report?.('request-swallowed'),
    deliver() {},
    sessionStarted() {},
    sessionEnded() {}
  })
}
