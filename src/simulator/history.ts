/**
 * What happened at the interface between the applications and their stacks in one run, in order: what the checkers
 * judge. Times are microseconds of virtual time.
 */
import type { BroadcastOptions } from '../broadcast/constants.ts'
import type { Fault, FaultKind } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'

export type HistoryEvent = { readonly time: number; readonly process: ProcessId } & (
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
  /** An operation of a client: the value that a write writes, in hexadecimal. */
  | {
      readonly kind: 'invoke'
      readonly number: number
      readonly f: 'read' | 'write'
      readonly value: string | null
      /** Of which register; absent: of the first one. */
      readonly key?: number
    }
  /** A write that a crash interrupted is under way again: the next life finishes it. */
  | { readonly kind: 'resume'; readonly number: number }
  /** It returned: the value that a read found, in hexadecimal, or null for the initial value. */
  | {
      readonly kind: 'return'
      readonly number: number
      readonly f: 'read' | 'write'
      readonly result: string | null
    }
  | { readonly kind: 'crash' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'stop'; readonly cause: string }
  | { readonly kind: 'fault'; readonly fault: Fault }
)

/** The kinds of these events, among all that a trace tells. */
export const HISTORY_KINDS: ReadonlySet<string> = new Set<HistoryEvent['kind']>([
  'broadcast',
  'accepted',
  'deliver',
  'gap',
  'invoke',
  'resume',
  'return',
  'crash',
  'restart',
  'stop',
  'fault'
])

/** What a Byzantine member told a correct process, which can know that it is a lie (lies.ts). */
export interface Lie {
  readonly time: number
  /** How many events the history had then. */
  readonly at: number
  /** Who was told. */
  readonly process: ProcessId
  readonly liar: ProcessId
  /** What it is to be named for: one of these. */
  readonly kinds: readonly FaultKind[]
  /** What the liar did, for people. */
  readonly detail: string
}

export interface History {
  readonly n: number
  readonly f: number
  /** The members that followed the protocol all along; crashes with their store kept do not count against them. */
  readonly correct: readonly ProcessId[]
  readonly events: readonly HistoryEvent[]
  /** Whether the run went on, without faults, for as long as progress may take. */
  readonly complete: boolean
  /** The bounds that members keep, by which their excuses are judged; what is left out has its default. */
  readonly bounds?: BroadcastOptions
  /**
   * False where events of different processes stand in the order in which they were reported, and only those of one
   * process in the order in which they happened. Default: true.
   */
  readonly inRealTime?: boolean
  /** Who must be named; undefined where it is not known what members said. */
  readonly lies?: readonly Lie[]
}
