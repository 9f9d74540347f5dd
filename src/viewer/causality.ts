/**
 * Happened-before (Lamport 1978) in a run: events of a process in their order, and each send before its receives.
 * What the network does to a message (`lost`) and the states that are shown are no events of a process.
 */
import type { MessageId, TraceEvent } from '../simulator/trace-sink.ts'

function happensAtProcess({ kind }: TraceEvent): boolean {
  return kind !== 'lost' && kind !== 'state'
}

/**
 * A vector clock for each event, undefined for what is no event of a process. A process that restarts goes on
 * counting: it is the same process.
 */
export function vectorClocks(
  members: number,
  events: readonly TraceEvent[]
): (readonly number[] | undefined)[] {
  const now = Array.from({ length: members }, () => new Array<number>(members).fill(0))
  const sent = new Map<MessageId, readonly number[]>()
  return events.map((event) => {
    const clock = now[event.process]
    if (clock === undefined || !happensAtProcess(event)) return undefined
    if (event.kind === 'receive') {
      sent.get(event.id)?.forEach((count, process) => {
        clock[process] = Math.max(clock[process] ?? 0, count)
      })
    }
    clock[event.process] = (clock[event.process] ?? 0) + 1
    const copy = [...clock]
    if (event.kind === 'send') sent.set(event.id, copy)
    return copy
  })
}
