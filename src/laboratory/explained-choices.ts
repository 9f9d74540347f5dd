/** In which events of a run its choices show: what is left of a run that was shrunk is all that it needs. */
import type { Choice } from '../simulator/schedule.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'

export interface ChoicesShown {
  /** Indices of events, each with a choice that shows in it. */
  readonly events: readonly number[]
  /** Those that show in no event of their own: how fast a clock runs, how long a disk takes. */
  readonly unseen: readonly Choice[]
}

export function choicesShown(schedule: readonly Choice[], events: readonly TraceEvent[]): ChoicesShown {
  const taken = new Set<number>()
  const unseen: Choice[] = []
  for (const choice of schedule) {
    const index = events.findIndex((event, at) => !taken.has(at) && shows(choice, event))
    if (index < 0) unseen.push(choice)
    else taken.add(index)
  }
  return { events: [...taken].sort((a, b) => a - b), unseen }
}

const NETWORK_CHANGES = { lose: 'lost', overtake: 'overtaken', duplicate: 'duplicated' } as const

function shows(choice: Choice, event: TraceEvent): boolean {
  switch (choice.kind) {
    case 'act':
      return (
        event.kind === 'send' &&
        event.process === choice.process &&
        event.to === choice.to &&
        event.time >= choice.at
      )
    case 'request':
      // Its number is one of all that were planned, that of the event one of those that were left.
      return (
        event.kind === 'invoke' &&
        event.process === choice.process &&
        event.service === choice.service &&
        event.name === choice.name &&
        event.time >= choice.at
      )
    case 'lose':
    case 'overtake':
    case 'duplicate':
      return (
        event.kind === 'frame' &&
        event.change === NETWORK_CHANGES[choice.kind] &&
        event.process === choice.from &&
        event.to === choice.to
      )
    case 'crash':
      return event.kind === 'crash' && event.process === choice.process && event.time >= choice.at
    case 'crash-on':
    case 'sync-fails':
      return event.kind === 'crash' && event.process === choice.process
    case 'end-session':
      return (
        event.kind === 'session' &&
        event.change === 'ended' &&
        event.time >= choice.at &&
        [choice.a, choice.b].includes(event.process) &&
        [choice.a, choice.b].includes(event.peer)
      )
    default:
      return false
  }
}
