/** What a cluster and the processes of its members say to each other, over Node's channel between processes. */
import type { Delivery } from '../../broadcast/delivery-log.ts'
import type { Fault } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import type { StackOptions } from '../../stacks/stack.ts'

/** How one member is to be run. */
export interface MemberConfig {
  /** Paths. */
  readonly group: string
  readonly key: string
  readonly data: string
  readonly stack: string
  readonly options: StackOptions
  readonly beyondResilience: boolean
  /** The name of what it does instead of following the protocol, and who its accomplices are. */
  readonly attack?: { readonly behaviour: string; readonly byzantine: readonly ProcessId[] }
  /** The position up to which the cluster has what this member delivered, before it was killed. */
  readonly after?: number
}

export type MemberCommand =
  | { readonly do: 'start'; readonly config: MemberConfig }
  | { readonly do: 'broadcast'; readonly request: number; readonly payload: Uint8Array }
  /** The cluster has all deliveries up to this position: a crash of the member cannot lose them any more. */
  | { readonly do: 'acknowledge'; readonly position: number }
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
}

export type MemberReport =
  /** It listens and dials. */
  | { readonly is: 'started' }
  /** It is connected to a quorum. */
  | { readonly is: 'ready' }
  | { readonly is: 'accepted'; readonly request: number; readonly sequence: number }
  | { readonly is: 'delivery'; readonly delivery: Delivery }
  | { readonly is: 'counts'; readonly counts: MemberCounts }
  /** It could not start, or cannot go on. */
  | { readonly is: 'failed'; readonly name: string; readonly message: string }
