/** How much of what happens in a run that draws its choices from a seed (seeded-choices.ts). */
import type { ProcessId } from '../core/group.ts'
import type { Period } from './periods.ts'
import type { Planned } from './schedule.ts'
import type { SeededRandom } from './seeded-random.ts'

/** In a million, where nothing else is said. */
export interface Rates {
  /** Milliseconds of virtual time after which no fault begins any more. */
  readonly healMs: number
  /** In order and before `healMs`: in them nothing goes wrong. */
  readonly stable?: readonly Period[]
  readonly latencyMsMax: number
  /** No message takes longer, slow or not; milliseconds. */
  readonly latencyMsBound?: number
  /** Slow links stay slow in stable periods too: nothing is ever bounded. */
  readonly neverFast?: boolean
  /** Some processes reach some others slowly: what they send to all arrives here long after it did there. */
  readonly slowLinks?: boolean
  /**
   * What the first client writes stands at the Byzantine members and at one correct one, while the others get it late;
   * and one of the other clients hears of that one late.
   */
  readonly strandedWrites?: boolean
  /** Of frames; with ideal links, of messages, of which none is overtaken. */
  readonly lossPpm: number
  readonly duplicationPpm: number
  readonly overtakingPpm: number
  /** How many times the group is split in two for a while; every second one is one-way. */
  readonly partitions: number
  /** How many sessions end by overflow (ideal links), or connections break (real ones). */
  readonly sessionEnds: number
  /** How many times a correct member crashes and restarts with its store. */
  readonly crashes: number
  /**
   * Answers come so late that they meet another life: clients crash as their operations return, and are back soon,
   * while some messages, and some syncs of the members, take their time.
   */
  readonly lateAnswers?: boolean
  /** Every second sync takes its time, so that much happens while it is under way. */
  readonly slowDisks?: boolean
  /** Of syncs that fail: the member stops, and is started again. */
  readonly syncFailurePpm: number
  /** How many correct members crash for good. */
  readonly stops?: number
  /** How many correct members omit messages, and which: from the first to the last, and they count as faulty. */
  readonly omitting?: { readonly members: number; readonly omissions: 'send' | 'receive' | 'both' }
  /** How often one correct process takes no step for up to so many milliseconds. */
  readonly pauses?: { readonly count: number; readonly msMax: number }
  /** What the application of each process asks for. */
  readonly workload: Workload
  /** Processes from this number on are clients; default: none. */
  readonly members?: number
  /** Clocks are off, run fast or slow, and jump once. */
  readonly badClocks: boolean
  /** Default: five percent. */
  readonly driftPpmMax?: number
  /** Probabilistic concurrency testing: links have priorities instead of random latencies. */
  readonly priorities?: { readonly changePoints: number } | undefined
}

/** Draws what the application of one process asks for, in the order of its numbers. */
export interface Workload {
  requests(process: ProcessId, isByzantine: boolean, random: SeededRandom): readonly Planned[]
  /** The most operations of one client, as any of which returns it may crash. */
  readonly operationsMax: number
}

/** Nothing is asked for. */
export const IDLE: Workload = { requests: () => [], operationsMax: 0 }

/** Nothing goes wrong, and messages take up to 20 ms. */
export const CALM: Rates = Object.freeze({
  healMs: 500,
  latencyMsMax: 20,
  lossPpm: 0,
  duplicationPpm: 0,
  overtakingPpm: 0,
  partitions: 0,
  sessionEnds: 0,
  crashes: 0,
  syncFailurePpm: 0,
  workload: IDLE,
  badClocks: false
})
