/**
 * What happened, as data: hosts write it to traces, checkers judge it, the viewer draws it.
 */
import type { Fault } from './fault.ts'
import type { ProcessId } from './group.ts'

/** A value that has one canonical form: what `state()` returns and what trace events carry. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

/** An event inside one process. */
export type ComponentEvent =
  | {
      readonly kind: 'request' | 'indication'
      readonly path: string
      readonly name: string
      readonly args: readonly PlainValue[]
    }
  | { readonly kind: 'send'; readonly path: string; readonly to: ProcessId; readonly message: PlainValue }
  | {
      readonly kind: 'receive'
      readonly path: string
      readonly from: ProcessId
      readonly message: PlainValue
    }
  | {
      readonly kind: 'session'
      readonly peer: ProcessId
      readonly change: 'started' | 'ended'
      readonly reason?: string
    }

/** Where a process tells what it does and what it saw others do. */
export interface Observer {
  /** Whether anybody wants events; when false, callers need not even build them. */
  readonly tracing: boolean
  event(event: ComponentEvent): void
  fault(fault: Fault): void
  /** An interesting state was reached; campaigns count these (see the `landmarks` of each stack). */
  landmark(name: string): void
  /**
   * Code of the application begins to run, in this turn, for the command that is named; null: it has returned. For a
   * host that has clocks and wants to know how long it takes.
   */
  applying?(command: string | null): void
}

/** An observer that wants nothing; the start of many others. */
export const silentObserver: Observer = Object.freeze({
  tracing: false,
  event() {},
  fault() {},
  landmark() {}
})
