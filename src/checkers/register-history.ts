/** A history as that of registers: operations with the values that were written and read, in hexadecimal. */
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { registerService } from '../registers/service.ts'
import type { History, HistoryEvent, ProcessEvent } from '../simulator/history.ts'

export type RegisterEventKind =
  | {
      readonly kind: 'invoke'
      readonly number: number
      readonly f: 'read' | 'write'
      /** What a write writes. */
      readonly value: string | null
      /** Of which register; absent: of the first one. */
      readonly key?: number
    }
  /** A write that a crash interrupted is under way again: the next life finishes it. */
  | { readonly kind: 'resume'; readonly number: number }
  /** The result is what a read found, or null for the initial value. */
  | {
      readonly kind: 'return'
      readonly number: number
      readonly f: 'read' | 'write'
      readonly result: string | null
    }

export type RegisterEvent = { readonly time: number; readonly process: ProcessId } & (
  | RegisterEventKind
  | ProcessEvent
  /** Of another service. */
  | { readonly kind: 'other' }
)

export interface RegisterHistory extends Omit<History, 'events'> {
  readonly events: readonly RegisterEvent[]
}

const { name: service } = registerService

/** The events of the history, each in its place. */
const registerEvents = ({ events }: Pick<History, 'events'>): readonly RegisterEvent[] =>
  events.map(asRegisterEvent)

export const registerHistory = (history: History): RegisterHistory => ({
  ...history,
  events: registerEvents(history)
})

function asRegisterEvent(event: HistoryEvent): RegisterEvent {
  const { time, process } = event
  if (event.kind === 'indicate') return { time, process, kind: 'other' }
  if (event.kind !== 'invoke' && event.kind !== 'return') return event
  const { name: f, number } = event
  if (event.service !== service || (f !== 'read' && f !== 'write')) return { time, process, kind: 'other' }
  if (event.kind === 'return')
    return { time, process, kind: 'return', number, f, result: hexOf(event.result) }
  const { key, value } = event.arguments
  const of = typeof key === 'number' ? { key } : {}
  return { time, process, kind: 'invoke', number, f, value: hexOf(value), ...of }
}

const hexOf = (value: PlainValue | undefined): string | null =>
  value instanceof Uint8Array ? toHex(value) : null
