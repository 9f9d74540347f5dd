/**
 * The history of a cluster, from what its correct members report: in the order of time, by the clock of the machine
 * where a report says when, else as the reports arrived, which for each member is the order in which things happened
 * there.
 */
import { createHash } from 'node:crypto'
import { toHex } from '../core/bytes.ts'
import type { Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { HistoryEvent } from '../simulator/history.ts'
import { clockOriginMs } from './clock-origin.ts'
import type { ToldBy } from './messages.ts'
import type { ClusterPlan } from './plan.ts'

/** What one member assembled from the broadcasts of one sender. */
export interface Assembled {
  readonly broadcasts: number
  readonly bytes: number
  /** SHA-256 of the payloads, one after the other in the sender's order. */
  readonly sha256: string
  /** Whether these are the bytes of the input. */
  readonly same: boolean
}

/** Broadcasts asked of Byzantine members that some correct member has not delivered, or that came late. */
export interface Missed {
  readonly missing: number
  readonly late: number
}

/** Medians from request to delivery, milliseconds; null where nothing was delivered. */
export interface LatencyMs {
  readonly correct: number | null
  readonly byzantine: number | null
}

export abstract class Recorder {
  readonly events: HistoryEvent[] = []
  protected readonly plan: ClusterPlan
  readonly #start = performance.now()
  #lastProgressMs = performance.now()
  /** When the clock of each process began, after this one's, milliseconds. */
  readonly #originsMs = new Map<ProcessId, number>()

  constructor(plan: ClusterPlan) {
    this.plan = plan
  }

  /** A service of a correct member has told something: from here on a crash does not lose it. */
  abstract told(process: ProcessId, told: ToldBy): void

  /** What a person is shown of a member while the cluster runs: numbers, and how much of all is done there. */
  abstract counts(member: ProcessId): readonly number[]
  abstract share(member: ProcessId): number

  /** By sender; nothing where nothing is broadcast. */
  assembled(_member: ProcessId): readonly Assembled[] {
    return []
  }

  get missed(): Missed | undefined {
    return undefined
  }

  get latencyMs(): LatencyMs | undefined {
    return undefined
  }

  /** Milliseconds since something came about that the tour had asked for. */
  get quietMs(): number {
    return performance.now() - this.#lastProgressMs
  }

  /** A life of a process with a clock of its own; any other has this process's. */
  began(process: ProcessId, originMs: number): void {
    this.#originsMs.set(process, originMs - clockOriginMs())
  }

  fault(process: ProcessId, fault: Fault): void {
    this.add({ ...this.at(process), kind: 'fault', fault })
  }

  died(process: ProcessId, kind: 'crash' | 'restart'): void {
    this.add({ ...this.at(process), kind })
  }

  stopped(process: ProcessId, cause: string): void {
    this.add({ ...this.at(process), kind: 'stop', cause })
  }

  protected goesOn(): void {
    this.#lastProgressMs = performance.now()
  }

  /** Of what happens now. */
  protected at(process: ProcessId): { time: number; process: ProcessId } {
    return { time: Math.round((performance.now() - this.#start) * 1000), process }
  }

  /** When something was that a process timed by its own clock, microseconds. */
  protected when(process: ProcessId, time: number): number {
    return time + Math.round(((this.#originsMs.get(process) ?? 0) - this.#start) * 1000)
  }

  protected add(event: HistoryEvent): void {
    const before = this.events.findLastIndex(({ time }) => time <= event.time)
    this.events.splice(before + 1, 0, event)
  }
}

export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return toHex(hash.digest())
}
