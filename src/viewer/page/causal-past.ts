/**
 * A part of the page: what happened before an event (Lamport 1978): earlier events of its process, sends of messages
 * received, and what happened before those. What the network loses is no event of a process.
 */
import type { PageData } from '../page-data.ts'

/** A mark for each event of the run: 1 if it happened before `event`, or is it. */
export function causalPast(data: PageData, event: number): Uint8Array {
  const past = new Uint8Array(data.events.length)
  const selected = data.events[event]
  if (selected === undefined) return past
  // The end comes after everything.
  if (selected.kind === 'end') return past.fill(1)
  past[event] = 1
  if (selected.kind === 'lost') {
    const send = data.messages[selected.message ?? -1]?.send ?? -1
    if (send >= 0) past[send] = 1
  }
  // The trace is in an order that respects causes, so one walk backward finds them all.
  const processes = new Set<number>()
  for (let index = event; index >= 0; index--) {
    const { kind, process, message } = data.events[index] ?? selected
    if (kind === 'lost' || kind === 'end') continue
    if (past[index] !== 1 && !processes.has(process)) continue
    past[index] = 1
    processes.add(process)
    const send = kind === 'receive' ? (data.messages[message ?? -1]?.send ?? -1) : -1
    if (send >= 0 && send < index) past[send] = 1
  }
  return past
}
