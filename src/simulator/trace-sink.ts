/**
 * What a traced run tells, event by event: what crosses the interface of the applications (history.ts), what the
 * components ask and indicate, every message with a number of its own, timers, sessions and states. Absent when only
 * a verdict is wanted.
 */
import type { ProcessId } from '../core/group.ts'
import type { ComponentEvent, PlainValue } from '../core/trace.ts'
import type { HistoryEvent } from './history.ts'

/** Names a message in one run: it is sent once, and received never, once or (if it was duplicated) more often. */
export type MessageId = number

/** Told by the network. A Byzantine process's message that is of no declared shape has the path '' and `{ hex }`. */
export type MessageEvent =
  | {
      readonly kind: 'send'
      readonly id: MessageId
      readonly to: ProcessId
      readonly path: string
      readonly message: PlainValue
    }
  | {
      readonly kind: 'receive'
      readonly id: MessageId
      readonly from: ProcessId
      readonly path: string
      readonly message: PlainValue
    }
  /** The process to which it was on its way will not receive it: its session ended, or the network dropped it. */
  | { readonly kind: 'lost'; readonly id: MessageId; readonly from: ProcessId; readonly reason: string }

export type ProcessEvent =
  | {
      readonly kind: 'timer'
      readonly change: 'set' | 'fired'
      readonly timer: number
      readonly delayMs: number
    }
  | { readonly kind: 'landmark'; readonly name: string }
  /**
   * What the network did to a frame of this process on a real link, below sessions and messages; with ideal links, to a
   * message.
   */
  | { readonly kind: 'frame'; readonly change: 'lost' | 'overtaken' | 'duplicated'; readonly to: ProcessId }
  /** The state of a component after a turn in which it changed; only where states are asked for. */
  | { readonly kind: 'state'; readonly path: string; readonly state: PlainValue }

export type TraceEvent =
  | ({ readonly time: number; readonly process: ProcessId } & (
      | Exclude<ComponentEvent, { kind: 'send' | 'receive' }>
      | MessageEvent
      | ProcessEvent
    ))
  | HistoryEvent

export type TraceSink = (event: TraceEvent) => void
