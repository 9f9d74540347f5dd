/** Where a traced run writes what happens inside its processes; absent when only a verdict is wanted. */
import type { ProcessId } from '../core/group.ts'
import type { ComponentEvent } from '../core/trace.ts'
import type { HistoryEvent } from './history.ts'

export type TraceEvent =
  | ({ readonly time: number; readonly process: ProcessId } & ComponentEvent)
  | HistoryEvent
  | { readonly time: number; readonly process: ProcessId; readonly kind: 'landmark'; readonly name: string }

export type TraceSink = (event: TraceEvent) => void
