/** What both networks stand on. */
import type { ProcessId } from '../core/group.ts'
import type { Choices } from './choices.ts'
import type { EventOrder } from './event-order.ts'
import type { Partitions } from './partitions.ts'
import type { Scheduler } from './scheduler.ts'

export interface NetworkInit {
  readonly scheduler: Scheduler
  /** Members and clients. */
  readonly n: number
  /** The first so many are members; the others speak to members alone. */
  readonly members: number
  readonly choices: Choices
  readonly partitions: Partitions
  readonly eventOrder: EventOrder
  /** Told of each message (with real links: frame) as it arrives. */
  readonly onArrival: (from: ProcessId, to: ProcessId, message: Uint8Array) => void
  /** Told of what the network does to a message (with real links: frame). */
  readonly onHarm: (from: ProcessId, to: ProcessId, harm: 'lost' | 'overtaken' | 'duplicated') => void
}
