/**
 * The recording of a member: JSON lines from which one life of its stack can be replayed without its key. The header
 * says who it is; what was stored follows as it is read; then comes one line for each input, with what it made the
 * process run, what was read of the environment meanwhile, and a digest of all that the process did.
 *
 * A stack is deterministic, so inputs and readings determine all else. Two more things are not its own: the process's
 * queue is shared with the links, and an effect (a message, a delivery) happens when the disk allows it. So each line
 * says how many of the stack's own events and effects ran after its input and before the next one. docs/recording.md
 * describes every line.
 */
import type { ProcessId } from '../core/group.ts'
import type { StackOptions } from '../stacks/stack.ts'

export const RECORDING_FORMAT = 'byzkit-recording'
export const RECORDING_VERSION = 2

/** Told of each line, without its end; never throws. */
export type LineSink = (line: string) => void

export interface RecordingHeader {
  readonly format: typeof RECORDING_FORMAT
  readonly version: typeof RECORDING_VERSION
  readonly group: {
    readonly id: string
    readonly epoch: number
    readonly f: number
    readonly publicKeys: readonly string[]
    readonly clients: readonly string[]
  }
  readonly self: ProcessId
  readonly incarnation: number
  readonly fresh: boolean
  readonly stack: string
  /** Whether members keep registers beside their broadcast. */
  readonly registers: boolean
  /** All of them, defaults included. */
  readonly options: Required<StackOptions>
}

/** Bytes are in hexadecimal. */
export type Input =
  | { readonly input: 'build' | 'start' }
  /** None: the queue went on, or the disk has confirmed what was written. */
  | { readonly input: 'continue' }
  | { readonly input: 'receive'; readonly from: ProcessId; readonly message: string }
  | { readonly input: 'session-started'; readonly peer: ProcessId }
  | { readonly input: 'session-ended'; readonly peer: ProcessId; readonly reason: string }
  /** Timers are numbered in the order in which they were set, from 1. */
  | { readonly input: 'timer'; readonly timer: number }
  /** The disk answers; reads are numbered in the order in which they were asked for, from 1. */
  | { readonly input: 'disk-read'; readonly read: number; readonly value: string }
  | { readonly input: 'nothing-stored'; readonly read: number }
  /** Of the application, as the service declares it; its arguments are the encoding of a record of them. */
  | { readonly input: 'request'; readonly service: string; readonly name: string; readonly arguments: string }
  /** Requests that return something in the end are numbered in the order of asking, from 1. */
  | { readonly input: 'abandon'; readonly operation: number }
  /** What a component does at the end of a turn; numbered in the order in which it was asked for, from 0. */
  | { readonly input: 'turn-end'; readonly flush: number }

/** What the stack was told by its environment and cannot know otherwise. */
export interface ReadingValues {
  /** Milliseconds of the clock, as they were given. */
  readonly now: number
  readonly random: string
  readonly below: number
  /** Of the private key, only what was signed with it. */
  readonly signature: string
  /** Of a MAC key, only what was made or found with it. */
  readonly tag: string
  readonly verified: boolean
}

/** One of them, by its name. */
export type Reading = {
  [K in keyof ReadingValues]: { readonly [N in K]: ReadingValues[N] }
}[keyof ReadingValues]

export interface Consequences {
  /** Microseconds of the member's own clock. */
  readonly at: number
  /** In order: `e`, an event of its queue; `f`, an effect that was held back until it was durable. */
  readonly ran?: string
  readonly readings?: readonly Reading[]
}

export interface Check {
  /** A letter for each thing done, in order (observed.ts). */
  readonly did?: string
  /** Chained: of all lines up to this one and of everything done. */
  readonly digest: string
}

export type RecordedStep = Input & Consequences & Check

export interface StoredEntry {
  readonly stored: string
  readonly value: string
}

export interface RecordingEnd extends Check {
  readonly end: 'stopped' | 'crashed'
  readonly at: number
  readonly cause?: string
}
