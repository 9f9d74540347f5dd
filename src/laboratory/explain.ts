/**
 * Why a property was violated: the shortest causal chain of events from a fault to the violation. An event's causes
 * are, for a receipt, the sending; for anything else what the same process had received about the same broadcast, or
 * else its last input.
 */
import type { Violation } from '../checkers/violation.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { HISTORY_KINDS } from '../simulator/history.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'
import { instanceTold } from './abstractions/index.ts'

const INPUTS: ReadonlySet<string> = new Set(['receive', 'timer', 'session', 'restart', 'invoke'])

type Instance = NonNullable<Violation['instance']>

/** Longer runs are not explained: looking for causes would take longer than reading the run. */
export const EXPLAINED_EVENTS_MAX = 20_000

/** @returns indices of `events`, in order; none, if there are more than EXPLAINED_EVENTS_MAX */
export function explain(
  events: readonly TraceEvent[],
  violation: Violation,
  byzantine: readonly ProcessId[]
): readonly number[] {
  const chain = new Set<number>()
  if (events.length > EXPLAINED_EVENTS_MAX) return []
  for (const end of ends(events, violation)) {
    for (const index of shortestChain(events, end, byzantine)) chain.add(index)
  }
  return [...chain].sort((a, b) => a - b)
}

/**
 * Where the violation shows: the event that violates it and, if deliveries contradict each other, the first other one.
 */
function ends(events: readonly TraceEvent[], { at, instance, property }: Violation): number[] {
  const history = events.flatMap((event, index) => (HISTORY_KINDS.has(event.kind) ? [index] : []))
  const deliveries = history.filter((index) => {
    const event = events[index]
    return event?.kind === 'indicate' && instance !== undefined && isSame(instanceTold(event), instance)
  })
  const violating = history[at]
  const [first] = deliveries
  if (violating === undefined) return first === undefined ? history.slice(-1) : [first]
  return property === 'consistency' && first !== undefined ? [first, violating] : [violating]
}

/** Breadth first, backward, to the nearest fault; to the first event of all if there is none. */
function shortestChain(
  events: readonly TraceEvent[],
  end: number,
  byzantine: readonly ProcessId[]
): readonly number[] {
  const sendings = new Map(
    events.flatMap((event, i) => (event.kind === 'send' ? [[event.id, i] as const] : []))
  )
  const next = new Map<number, number | undefined>([[end, undefined]])
  const queue = [end]
  let last = end
  for (const index of queue) {
    last = index
    if (isFault(events[index], byzantine)) break
    for (const cause of causes(events, index, sendings)) {
      if (next.has(cause)) continue
      next.set(cause, index)
      queue.push(cause)
    }
  }
  const chain: number[] = []
  for (let index: number | undefined = last; index !== undefined; index = next.get(index)) chain.push(index)
  return chain
}

function isFault(event: TraceEvent | undefined, byzantine: readonly ProcessId[]): boolean {
  if (event === undefined) return false
  return (
    (event.kind === 'send' && byzantine.includes(event.process)) ||
    event.kind === 'crash' ||
    event.kind === 'lost' ||
    (event.kind === 'session' && event.change === 'ended')
  )
}

function causes(
  events: readonly TraceEvent[],
  index: number,
  sendings: ReadonlyMap<number, number>
): readonly number[] {
  const event = events[index]
  if (event === undefined) return []
  if (event.kind === 'receive') {
    const sending = sendings.get(event.id)
    return sending === undefined ? [] : [sending]
  }
  const instance = instanceOf(event)
  const about: number[] = []
  let input: number | undefined
  for (let i = index - 1; i >= 0; i--) {
    const earlier = events[i]
    if (earlier === undefined || earlier.process !== event.process) continue
    if (input === undefined && INPUTS.has(earlier.kind)) input = i
    if (instance !== undefined && earlier.kind === 'receive' && isSame(instanceOf(earlier), instance))
      about.push(i)
  }
  return about.length > 0 || input === undefined ? about : [input]
}

const isSame = (a: Instance | undefined, b: Instance) => a?.sender === b.sender && a.sequence === b.sequence

/** Which broadcast an event belongs to, if to one. A message that names no sender is its speaker's. */
function instanceOf(event: TraceEvent): Instance | undefined {
  switch (event.kind) {
    case 'invoke':
    case 'return':
    case 'indicate':
      return instanceTold(event)
    case 'send':
      return named(event.message, event.process)
    case 'receive':
      return named(event.message, event.from)
    default:
      return undefined
  }
}

function named(message: PlainValue, speaker: ProcessId): Instance | undefined {
  if (typeof message !== 'object' || message === null || !('sequence' in message)) return undefined
  const { sequence, sender = speaker } = message as { readonly [field: string]: PlainValue }
  return typeof sequence === 'number' && typeof sender === 'number' ? { sender, sequence } : undefined
}
