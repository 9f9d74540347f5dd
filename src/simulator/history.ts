/**
 * What happened at the interface between the applications and their stacks in one run, in order: what the checkers
 * judge. Times are microseconds of virtual time.
 */
import type { BroadcastOptions } from '../broadcast/constants.ts'
import type { Fault, FaultKind } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { Values } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'

/**
 * An application asks for something (`invoke`) and is answered (`return`): operations of one process are told apart by
 * their numbers, and several may be open at once. What it is told unasked is an indication. Names are those of services
 * that stacks declare (core/service.ts); values are those that the application gave and got.
 */
export type ServiceEvent =
  | {
      readonly kind: 'invoke'
      readonly service: string
      readonly name: string
      readonly number: number
      readonly arguments: Values
      /** What was known at once. */
      readonly answer?: PlainValue
    }
  /** An operation that a crash interrupted is under way again: the next life finishes it. */
  | { readonly kind: 'resume'; readonly number: number }
  | {
      readonly kind: 'return'
      readonly service: string
      readonly name: string
      readonly number: number
      readonly result: PlainValue
    }
  | { readonly kind: 'indicate'; readonly service: string; readonly name: string; readonly values: Values }

export type ProcessEvent =
  | { readonly kind: 'crash' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'stop'; readonly cause: string }
  | { readonly kind: 'fault'; readonly fault: Fault }

export type HistoryEvent = { readonly time: number; readonly process: ProcessId } & (
  | ServiceEvent
  | ProcessEvent
)

/** The kinds of these events, among all that a trace tells. */
export const HISTORY_KINDS: ReadonlySet<string> = new Set<HistoryEvent['kind']>([
  'invoke',
  'resume',
  'return',
  'indicate',
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

/** A property that was seen to be violated while the run went on (witness.ts). */
export interface Breach {
  readonly property: string
  /** Who did what, for people. */
  readonly detail: string
  /** How many events the history had then. */
  readonly at: number
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
  /** Of the events the crashes in which nothing was on its way to the disk, if that is known. */
  readonly atRest?: ReadonlySet<HistoryEvent>
  /** Who must be named; undefined where it is not known what members said. */
  readonly lies?: readonly Lie[]
  /** What was seen of the whole run; undefined where nobody saw it. */
  readonly breaches?: readonly Breach[]
}
