/** What a campaign asks of its worker threads, and what they answer. */
import type { Recording } from '../../laboratory/recording.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import type { RunConfig } from '../../laboratory/run-config.ts'

/** Where a worker says how many runs it has begun: of its block, or of those that it tries to shrink one. */
export const AT_RUN = 0
/** Where it is told to end after the run that it is at. */
export const CANCELLED = 1
export const SHARED_NUMBERS = 2

export interface WorkerData {
  readonly shared: Int32Array
  /** A protocol that is not one of ours. */
  readonly protocolFile: string | undefined
}

export type Task =
  | {
      readonly kind: 'runs'
      readonly index: number
      readonly config: RunConfig
      readonly seeds: readonly number[]
    }
  | {
      readonly kind: 'mutations'
      readonly index: number
      readonly config: RunConfig
      readonly seed: number
      readonly runs: number
    }
  | {
      readonly kind: 'shrink'
      readonly property: string
      readonly from: Recording | { readonly config: RunConfig; readonly seed: number }
    }
  /** Here too somebody's protocol runs: not in the main thread, where nobody watches it. */
  | {
      readonly kind: 'write'
      readonly from: Recording | { readonly config: RunConfig; readonly seed: number }
      /** What it violates, to be explained; absent of a run in which all held. */
      readonly property?: string
      /** The trace file, and the page. */
      readonly trace?: string | undefined
      readonly html?: string | undefined
    }

export type Answer =
  /** One run of a block: told at once, so that it is not lost with what comes after it. */
  | { readonly kind: 'outcome'; readonly outcome: RunOutcome }
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'progress'
      readonly tried: number
      readonly choices: number
      /** The smallest run so far, where it is another one than before. */
      readonly recording?: Recording
    }
  /** The run cannot be shrunk: it is another one each time. */
  | { readonly kind: 'unrepeatable' }
  | { readonly kind: 'written'; readonly explanation: readonly string[] }
  /** A file cannot be written, or the protocol not be built; in one line. */
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'shrunk'
      readonly recording: Recording
      readonly from: number
      readonly tried: number
      readonly minimal: boolean
    }
