/**
 * Who listens to what Byzantine members say, and to what correct processes do meanwhile: it knows the protocols, which
 * the simulator does not.
 */
import type { Crypto } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { ComponentEvent } from '../core/trace.ts'
import type { OpenPort } from '../links/ports.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { HistoryEvent, Lie } from './history.ts'

export type Told = Extract<ComponentEvent, { kind: 'send' | 'receive' }>

export interface ListenerInit {
  readonly group: Group
  readonly stack: Stack
  readonly options: StackOptions
  readonly crypto: Pick<Crypto, 'hash' | 'verify'>
  readonly isLiar: (process: ProcessId) => boolean
  /** How many events the history has, and the time. */
  readonly now: () => Pick<Lie, 'at' | 'time'>
}

export interface Listener {
  /** The lies so far, in the order in which they were heard. */
  readonly all: readonly Lie[]
  /** On the links of a correct process. */
  heard(process: ProcessId, from: ProcessId, bytes: Uint8Array, ports: readonly OpenPort[]): void
  sessionEnded(process: ProcessId, peer: ProcessId): void
  happened(event: HistoryEvent): void
  /** Inside a correct process: what it says, and what it was told as it deals with it. */
  told(process: ProcessId, event: Told): void
}
