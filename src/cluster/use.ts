/** What is done with a cluster, which depends on what its stack offers. */
import type { ProcessId } from '../core/group.ts'
import type { Cluster, ClusterMake } from './cluster.ts'
import type { Phase } from './phases.ts'
import type { RegisterTour } from './register-tour.ts'
import type { Killings } from './tour-steps.ts'

export interface ClusterUse extends ClusterMake {
  tour(cluster: Cluster, events: TourEvents, signal: AbortSignal): Promise<Toured>
  /** What a person is shown of a member while the cluster runs, if it is not what its recorder counts. */
  says?(cluster: Cluster, member: ProcessId): string
}

export interface TourEvents extends Killings {
  /** So much of what is to be asked for was asked for everywhere. */
  asked(done: number, of: number): void
  settling(): void
  registers(): void
  /** It begins. */
  phase(phase: Pick<Phase, 'name' | 'leader' | 'stricken'>): void
  /** Where everybody is, at its end. */
  phaseOver(phase: Phase): void
}

export interface Toured {
  /** It ended in time, everything settled. */
  readonly settled: boolean
  /** How many clients are part of the history; default: none. */
  readonly clients?: number
  /** Undefined if it did not come to that. */
  readonly registers?: RegisterTour
  /** Of those that it was to go through the ones that are over; undefined where there are none. */
  readonly phases?: readonly Phase[]
}
