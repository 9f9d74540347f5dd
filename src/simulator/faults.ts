/**
 * What the network does to messages, as the seed decides: latency, slow links, partitions that heal, loss,
 * duplication and reordering. After `healAt` only latency is left (the global stabilisation time of the partially
 * synchronous model): safety is judged all the time, progress after it.
 */
import type { ProcessId } from '../core/group.ts'
import { MS } from './scheduler.ts'
import type { SeededRandom } from './seeded-random.ts'

export interface NetworkInit {
  /** Milliseconds of virtual time after which no fault of the network begins any more. */
  readonly healMs: number
  readonly latencyMsMax: number
  /** In a million frames; only real links see these three. */
  readonly lossPpm: number
  readonly duplicationPpm: number
  readonly reorderingPpm: number
  /** How many times the group is split in two, for a while. */
  readonly partitions: number
  /** How many sessions end by overflow. */
  readonly sessionEnds: number
}

interface Partition {
  readonly from: number
  readonly until: number
  readonly side: readonly boolean[]
}

export class NetworkFaults {
  readonly init: NetworkInit
  readonly #partitions: readonly Partition[]

  constructor(init: NetworkInit, n: number, random: SeededRandom) {
    this.init = init
    this.#partitions = Array.from({ length: init.partitions }, () => {
      const from = random.below(init.healMs * MS)
      return {
        from,
        until: from + random.below(init.healMs * MS - from),
        side: Array.from({ length: n }, () => random.below(2) === 0)
      }
    })
  }

  /** When the group is split, microseconds. */
  get partitionTimes(): readonly (readonly [from: number, until: number])[] {
    return this.#partitions.map(({ from, until }) => [from, until] as const)
  }

  /** When the two can speak again; now, if nothing separates them. */
  separatedUntil(from: ProcessId, to: ProcessId, now: number): number {
    let until = now
    for (const partition of this.#partitions) {
      const apart = partition.side[from] !== partition.side[to]
      if (apart && partition.from <= now && now < partition.until) until = Math.max(until, partition.until)
    }
    return until
  }

  /** How long a message on an ideal link takes, microseconds; a partition only delays it. */
  latency(from: ProcessId, to: ProcessId, now: number, random: SeededRandom): number {
    const travel = 1 + random.below(this.init.latencyMsMax * MS)
    return this.separatedUntil(from, to, now) - now + travel
  }
}
