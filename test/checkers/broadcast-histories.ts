/**
 * Histories of broadcasts, written by hand: a right one with several senders, of which two are Byzantine, several
 * instances of each and several processes, and what it takes to break one rule at one place of it.
 */
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { type BroadcastEvent, tellBroadcast } from '../../src/checkers/broadcast-history.ts'
import type { Fault } from '../../src/core/fault.ts'
import type { History, HistoryEvent } from '../../src/simulator/history.ts'

export const CORRECT = [0, 1, 2, 3, 4]
export const LIARS = [5, 6]
export const SEQUENCES = [0, 1, 2, 3, 4]

/** The properties of a reliable broadcast; a channel has FIFO delivery too. */
export const RELIABLE = ['validity', 'no duplication', 'integrity', 'consistency', 'totality', 'accuracy']
export const CHANNEL = [...RELIABLE, 'FIFO delivery']

/** A delivery in one of the histories: of whom, which, at whom. */
export interface Place {
  readonly process: number
  readonly sender: number
  readonly sequence: number
}
/** At the beginning, in the middle and at the end; at the sender itself and at others. */
export const OF_CORRECT: readonly Place[] = [
  { process: 1, sender: 0, sequence: 0 },
  { process: 2, sender: 2, sequence: 2 },
  { process: 0, sender: 4, sequence: 4 }
]
export const OF_LIARS: readonly Place[] = [
  { process: 0, sender: 5, sequence: 0 },
  { process: 4, sender: 6, sequence: 2 },
  { process: 2, sender: 5, sequence: 4 }
]

/** A payload that says what it is of: two instances never have the same. */
export const payloadOf = ({ sender, sequence }: Pick<Place, 'sender' | 'sequence'>): Uint8Array =>
  Uint8Array.of(sender, sequence)
export const OTHER = Uint8Array.of(0xee)

/** Without a position: the next one of its process. */
export type Drawn = BroadcastEvent extends infer E
  ? E extends unknown
    ? Partial<E> & Kind<E>
    : never
  : never
type Kind<E> = E extends { kind: infer K; process: infer P } ? { kind: K; process: P } : never

export const broadcast = (sender: number, sequence: number, payload = payloadOf({ sender, sequence })) =>
  ({ kind: 'broadcast', process: sender, sequence, payload }) as const
export const accepted = (sender: number, sequence: number) =>
  ({ kind: 'accepted', process: sender, sequence }) as const
export const deliver = (
  process: number,
  sender: number,
  sequence: number,
  payload = payloadOf({ sender, sequence })
) => ({ kind: 'deliver', process, sender, sequence, payload }) as const
export const gap = (process: number, sender: number, from: number, to: number) =>
  ({ kind: 'gap', process, sender, from, to }) as const
export const names = (by: number, process: number, certainty: Fault['certainty']) =>
  ({
    kind: 'fault',
    process: by,
    fault: { process, kind: 'equivocation', certainty, detail: 'two' }
  }) as const

/** Everybody broadcasts, one round after the other, and everybody correct delivers all of it, in order. */
export function right(): Drawn[] {
  return SEQUENCES.flatMap((sequence) =>
    [...CORRECT, ...LIARS].flatMap((sender): Drawn[] => [
      ...(CORRECT.includes(sender) ? [broadcast(sender, sequence), accepted(sender, sequence)] : []),
      ...CORRECT.map((process) => deliver(process, sender, sequence))
    ])
  )
}

/** Where the history has the delivery. */
export const placeOf = (events: readonly Drawn[], { process, sender, sequence }: Place): number =>
  events.findIndex(
    (event) =>
      event.kind === 'deliver' &&
      event.process === process &&
      event.sender === sender &&
      event.sequence === sequence
  )

/** With other events in place of one. */
export const replaced = (events: readonly Drawn[], at: number, ...by: Drawn[]): Drawn[] => [
  ...events.slice(0, at),
  ...by,
  ...events.slice(at + 1)
]

/** Without what any process did of the instance, or without what one did. */
export const without = (
  events: readonly Drawn[],
  matches: (event: Drawn & { readonly sequence?: number; readonly sender?: number }) => boolean
): Drawn[] => events.filter((event) => !matches(event))

const written = (event: BroadcastEvent): HistoryEvent => {
  switch (event.kind) {
    case 'broadcast':
    case 'accepted':
    case 'deliver':
    case 'gap':
      return tellBroadcast(event)
    case 'other':
      throw new Error('nothing draws what is of another service')
    default:
      return event
  }
}

export function historyOf(events: readonly Drawn[], changes: Partial<History> = {}): History {
  const next = new Map<number, number>()
  const whole = events.map((event, time): unknown => {
    if (event.kind !== 'deliver' && event.kind !== 'gap') return { time, ...event }
    const position = event.position ?? next.get(event.process) ?? 0
    next.set(event.process, Math.max(position + 1, next.get(event.process) ?? 0))
    return { time, ...event, position }
  }) as BroadcastEvent[]
  return { n: 7, f: 2, correct: CORRECT, events: whole.map(written), complete: true, ...changes }
}

/** What is violated, and why, in the order in which it is told. */
export const told = (
  events: readonly Drawn[],
  properties: readonly string[] = RELIABLE,
  changes: Partial<History> = {}
): string[] =>
  checkBroadcast(historyOf(events, changes), properties).map(
    ({ property, detail }) => `${property}: ${detail}`
  )
