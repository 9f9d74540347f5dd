/** An event of a run in words, on one line. */
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'

export function sentence(event: TraceEvent, byzantine: readonly ProcessId[]): string {
  const name = (id: ProcessId) => `p${id}${byzantine.includes(id) ? ' (Byzantine)' : ''}`
  const who = name(event.process)
  switch (event.kind) {
    case 'send':
      return `${who} sends p${event.to} ${describeMessage(event.message)}`
    case 'receive':
      return `${who} receives from ${name(event.from)} ${describeMessage(event.message)}`
    case 'lost':
      return `a message of ${name(event.from)} to ${who} is lost: ${event.reason}`
    case 'broadcast':
      return `${who} broadcasts ${event.sequence}: ${shorten(event.payload)}`
    case 'accepted':
      return `${who}'s broadcast ${event.sequence} is durable`
    case 'deliver':
      return `${who} delivers broadcast ${event.sequence} of ${name(event.sender)}: ${shorten(event.payload)}`
    case 'gap':
      return `${who} has a gap: broadcasts ${event.from} to ${event.to - 1} of ${name(event.sender)}`
    case 'crash':
      return `${who} crashes`
    case 'restart':
      return `${who} restarts`
    case 'stop':
      return `${who} stops: ${event.cause}`
    case 'fault': {
      const { process, kind, certainty, detail } = event.fault
      return `${who} names ${name(process)} ${certainty} of ${kind}: ${detail}`
    }
    case 'session':
      return `${who}: the session with ${name(event.peer)} ${event.change}${event.reason === undefined ? '' : ` (${event.reason})`}`
    case 'timer':
      return `${who}: timer ${event.timer} (${event.delayMs} ms) ${event.change === 'set' ? 'is set' : 'fires'}`
    case 'landmark':
      return `${who} reaches ${event.name}`
    case 'frame':
      return `a frame of ${who} to p${event.to} is ${event.change}`
    case 'state':
      return `${who}: ${event.path} has a new state`
    case 'request':
    case 'indication':
      return `${who}: ${event.path} ${event.kind} ${event.name} ${JSON.stringify(event.args, shortBytes)}`
  }
}

export function describeMessage(message: PlainValue): string {
  if (typeof message !== 'object' || message === null || !('type' in message))
    return JSON.stringify(message, shortBytes)
  const { type, ...fields } = message as { readonly [name: string]: PlainValue }
  const shown = Object.entries(fields).map(([name, value]) => {
    return `${name} ${value instanceof Uint8Array ? shorten(value) : JSON.stringify(value, shortBytes)}`
  })
  return shown.length === 0 ? String(type) : `${String(type)} ${shown.join(', ')}`
}

/** Both ends: what a liar changes may be at either. */
export function shorten(bytes: Uint8Array): string {
  return bytes.length <= 6 ? toHex(bytes) : `${toHex(bytes.subarray(0, 3))}..${toHex(bytes.subarray(-3))}`
}

export const shortBytes = (_: string, value: unknown) =>
  value instanceof Uint8Array ? shorten(value) : value
