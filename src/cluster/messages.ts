/** What a cluster and the processes of its members say to each other, over Node's channel between processes. */
import type { Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { Values } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'
import type { StackOptions } from '../stacks/stack.ts'

/** How one member is to be run. */
export interface MemberConfig {
  /** Paths. */
  readonly group: string
  readonly key: string
  readonly data: string
  readonly stack: string
  /** The application of the laboratory is on top of it, and all that is offered (applied-stack.ts). */
  readonly applied: boolean
  readonly beyondResilience: boolean
  readonly options: StackOptions
  /** The name of what it does instead of following the protocol, and who its accomplices are. */
  readonly attack?: {
    readonly behaviour: string
    readonly byzantine: readonly ProcessId[]
    /** It follows the protocol until it is told to attack. */
    readonly loyal: boolean
  }
}

/** A request of a service, by the names that it declares. */
export interface Asked {
  readonly service: string
  readonly name: string
  readonly arguments: Values
}

/** An indication of a service. */
export interface ToldBy {
  readonly service: string
  readonly name: string
  readonly values: Values
}

export type MemberCommand =
  | { readonly do: 'start'; readonly config: MemberConfig }
  | ({ readonly do: 'ask'; readonly request: number } & Asked)
  /** The cluster has one more indication of that service: a crash of the member cannot lose it any more. */
  | { readonly do: 'consume'; readonly service: string }
  /** A loyal liar attacks from now on. */
  | { readonly do: 'attack' }
  /** Nothing reaches it any more, or everything again. */
  | { readonly do: 'cut'; readonly isCut: boolean }
  | { readonly do: 'stop' }

export interface CountedFaultReport {
  readonly fault: Fault
  readonly count: number
}

/** What a member has counted in this life. */
export interface MemberCounts {
  readonly connected: readonly ProcessId[]
  readonly faults: readonly CountedFaultReport[]
  readonly landmarks: { readonly [name: string]: number }
  /** How far its services say that they are, by their names; nothing at a liar. */
  readonly said?: { readonly [service: string]: PlainValue }
}

export type MemberReport =
  /** It listens and dials; when its own clock began, by that of the machine. */
  | { readonly is: 'started'; readonly originMs: number }
  /** It is connected to a quorum. */
  | { readonly is: 'ready' }
  | { readonly is: 'returned'; readonly request: number; readonly result: PlainValue | undefined }
  | ({ readonly is: 'told' } & ToldBy)
  | { readonly is: 'counts'; readonly counts: MemberCounts }
  /** It could not start, or cannot go on. */
  | { readonly is: 'failed'; readonly name: string; readonly message: string }
