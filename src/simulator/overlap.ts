/** What ran at the same time: a run in which no operation overlapped a fault, or no read a write, proves little. */
import type { HistoryEvent } from './history.ts'

/** Microseconds. */
export type Span = readonly [from: number, until: number]

/** How many faults fell within some operation: a broadcast until its last delivery, an operation until its return. */
export function overlapping(events: readonly HistoryEvent[], faults: readonly Span[], end: number): number {
  const operations = new Map<string, [from: number, until: number]>()
  for (const event of events) {
    const started = startedBy(event)
    if (started !== undefined) operations.set(started, [event.time, end])
    const operation = operations.get(endedBy(event) ?? '')
    if (operation !== undefined) operation[1] = event.time
  }
  const spans = [...operations.values()]
  return faults.filter(([from, until]) => spans.some(([start, last]) => from <= last && start <= until))
    .length
}

function startedBy(event: HistoryEvent): string | undefined {
  if (event.kind === 'broadcast') return `broadcast ${event.process}/${event.sequence}`
  return event.kind === 'invoke' ? `operation ${event.process}/${event.number}` : undefined
}

function endedBy(event: HistoryEvent): string | undefined {
  if (event.kind === 'deliver') return `broadcast ${event.sender}/${event.sequence}`
  return event.kind === 'return' ? `operation ${event.process}/${event.number}` : undefined
}

/** Landmarks that only the histories of clients show. */
export function clientLandmarks(events: readonly HistoryEvent[]): readonly string[] {
  const reached = new Set<string>()
  const open = new Map<number, 'read' | 'write'>()
  for (const event of events) {
    if (event.kind === 'invoke') {
      const other = event.f === 'read' ? 'write' : 'read'
      if ([...open.values()].includes(other)) reached.add('read-overlapping-write')
      open.set(event.process, event.f)
    } else if (event.kind === 'return') open.delete(event.process)
    else if (event.kind === 'restart' && open.size > 0) reached.add('restarted-in-mid-operation')
    else if (event.kind === 'crash' && open.get(event.process) === 'read') open.delete(event.process)
  }
  return [...reached]
}
