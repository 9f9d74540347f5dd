/**
 * Who sees all of a run, as nobody in it can: what correct processes send and hear, what they hold in memory and on
 * their disks, and when. It knows the protocol, which the simulator does not, and judges while the run goes on what its
 * history does not show afterwards.
 */
import type { Group, ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OpenPort } from '../links/ports.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { Breach, HistoryEvent } from './history.ts'

export interface WitnessInit {
  readonly group: Group
  readonly stack: Stack
  readonly options: StackOptions
  readonly correct: readonly ProcessId[]
  /** The end of the last unstable period, milliseconds. */
  readonly healMs: number
  /** How many events the history has, and the time. */
  readonly now: () => Pick<Breach, 'at'> & { readonly time: number }
  /** What is durable there under the keys that start with `prefix`, with the prefix removed; no bulk. */
  readonly restored: (
    process: ProcessId,
    prefix: string
  ) => readonly (readonly [key: string, value: Uint8Array])[]
  /** The longest that a disk of a correct process took to sync, microseconds. */
  readonly slowestSyncUs: () => number
  /** Of each component, by its path; undefined of who is down. */
  readonly state: (process: ProcessId) => { readonly [path: string]: PlainValue } | undefined
}

export interface Witness {
  /** What it saw, in order. */
  readonly breaches: readonly Breach[]
  happened(event: HistoryEvent): void
  /** A message of a correct process leaves, once all that it was told on is durable. */
  sent(process: ProcessId, to: ProcessId, bytes: Uint8Array, ports: readonly OpenPort[]): void
  /** A message arrives at a correct process. */
  received(process: ProcessId, from: ProcessId, bytes: Uint8Array, ports: readonly OpenPort[]): void
  /** A session begins at a correct process. */
  sessionStarted(process: ProcessId, peer: ProcessId): void
  /** A timer of a correct process goes off. */
  timerFired(process: ProcessId): void
}
