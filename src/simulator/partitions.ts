/** Who is separated from whom, and until when. */
import type { ProcessId } from '../core/group.ts'
import type { Planned } from './schedule.ts'

type Partition = Extract<Planned, { kind: 'partition' }>

export class Partitions {
  readonly #partitions: readonly Partition[]

  constructor(planned: readonly Planned[]) {
    this.#partitions = planned.filter((choice) => choice.kind === 'partition')
  }

  /** When a message from one can reach the other again, microseconds; `now`, if nothing separates them. */
  separatedUntil(from: ProcessId, to: ProcessId, now: number): number {
    let until = now
    for (const { at, until: end, side, oneWay } of this.#partitions) {
      if (now < at || now >= end || side.includes(from) === side.includes(to)) continue
      if (oneWay && !side.includes(from)) continue
      until = Math.max(until, end)
    }
    return until
  }
}
