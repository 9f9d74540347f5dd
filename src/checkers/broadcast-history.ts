/** A history as that of a broadcast: each event that its service tells, by a name of its own and with its fields. */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { broadcastService } from '../broadcast/service.ts'
import type { ProcessId } from '../core/group.ts'
import { isWithin } from '../core/parameters.ts'
import type { PlainValue } from '../core/trace.ts'
import type { History, HistoryEvent, ProcessEvent } from '../simulator/history.ts'

/** What crosses the interface of a broadcast. */
export type BroadcastEventKind =
  | { readonly kind: 'broadcast'; readonly sequence: number; readonly payload: Uint8Array }
  /** The broadcast is durable: a crash cannot lose it any more. */
  | { readonly kind: 'accepted'; readonly sequence: number }
  | {
      readonly kind: 'deliver'
      readonly sender: ProcessId
      readonly sequence: number
      readonly payload: Uint8Array
      readonly position: number
    }
  | {
      readonly kind: 'gap'
      readonly sender: ProcessId
      readonly from: number
      readonly to: number
      readonly position: number
    }

export type BroadcastEvent = { readonly time: number; readonly process: ProcessId } & (
  | BroadcastEventKind
  | ProcessEvent
  /** Of another service. */
  | { readonly kind: 'other' }
)

export interface BroadcastHistory extends Omit<History, 'events'> {
  readonly events: readonly BroadcastEvent[]
}

const { name: service } = broadcastService

/** The events of the history, each in its place. */
export const broadcastEvents = ({ events }: Pick<History, 'events'>): readonly BroadcastEvent[] =>
  events.map(asBroadcastEvent)

export const broadcastHistory = (history: History): BroadcastHistory => ({
  ...history,
  events: broadcastEvents(history)
})

export function asBroadcastEvent(event: HistoryEvent): BroadcastEvent {
  const { time, process } = event
  if (event.kind === 'resume') return { time, process, kind: 'other' }
  if (!('service' in event)) return event
  const told = event.service === service ? kindOf(event) : undefined
  return { time, process, ...(told ?? { kind: 'other' }) }
}

/** Undefined if it is of another kind, or not as the service declares it: a history may come from anybody. */
function kindOf(event: Extract<HistoryEvent, { readonly service: string }>): BroadcastEventKind | undefined {
  if (event.kind === 'invoke') {
    const { answer: sequence } = event
    const { payload } = event.arguments
    if (event.name !== 'broadcast' || !isUint(sequence) || !(payload instanceof Uint8Array)) return undefined
    return { kind: 'broadcast', sequence, payload }
  }
  if (event.kind === 'return') {
    const { name, result } = event
    return name === 'broadcast' && isUint(result) ? { kind: 'accepted', sequence: result } : undefined
  }
  const { sender, sequence, payload, from, to, position } = event.values
  if (!isUint(sender) || !isUint(position)) return undefined
  if (event.name === 'deliver' && isUint(sequence) && payload instanceof Uint8Array)
    return { kind: 'deliver', sender, sequence, payload, position }
  return event.name === 'gap' && isUint(from) && isUint(to)
    ? { kind: 'gap', sender, from, to, position }
    : undefined
}

const isUint = (value: PlainValue | undefined): value is number => isWithin(value, 0, Number.MAX_SAFE_INTEGER)

/** The other way round. @param number - of the operation, at its process: of a broadcast, and of its acceptance */
export function tellBroadcast(
  event: { readonly time: number; readonly process: ProcessId } & BroadcastEventKind,
  number = 0
): HistoryEvent {
  const { time, process } = event
  const told = { time, process, service }
  switch (event.kind) {
    case 'broadcast': {
      const { sequence, payload } = event
      return { ...told, kind: 'invoke', name: 'broadcast', number, arguments: { payload }, answer: sequence }
    }
    case 'accepted':
      return { ...told, kind: 'return', name: 'broadcast', number, result: event.sequence }
    case 'deliver': {
      const { sender, sequence, payload, position } = event
      return { ...told, kind: 'indicate', name: 'deliver', values: { sender, sequence, payload, position } }
    }
    case 'gap': {
      const { sender, from, to, position } = event
      return { ...told, kind: 'indicate', name: 'gap', values: { sender, from, to, position } }
    }
  }
}

/** What an application is given by an event, if it is given something. */
export function asDelivery(event: BroadcastEvent): Delivery | undefined {
  if (event.kind === 'deliver') {
    const { sender, sequence, payload, position } = event
    return { type: 'delivery', sender, sequence, payload, position }
  }
  if (event.kind !== 'gap') return undefined
  const { sender, from, to, position } = event
  return { type: 'gap', sender, from, to, position }
}

/** What an application is given, as a history tells it. */
export const asEvent = ({ type, ...told }: Delivery): BroadcastEventKind =>
  ({ kind: type === 'gap' ? 'gap' : 'deliver', ...told }) as BroadcastEventKind
