/**
 * When a run is unstable: faults of links, disks and timing happen then, and only then. Stable periods may lie between
 * unstable ones (CGR11 section 2.5.3); after the last of these the run is stable for good.
 */
import { MS } from './scheduler.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Milliseconds. */
export type Period = readonly [from: number, until: number]

export class UnstablePeriods {
  /** Microseconds, in order. */
  readonly #periods: readonly Period[]
  readonly #total: number

  /** @param stable - in order, apart from each other, before `healMs` */
  constructor(healMs: number, stable: readonly Period[] = []) {
    const begins = [0, ...stable.map(([, until]) => until)]
    const ends = [...stable.map(([from]) => from), healMs]
    this.#periods = begins.map((from, index) => [from * MS, (ends[index] ?? healMs) * MS])
    this.#total = this.#periods.reduce((sum, [from, until]) => sum + until - from, 0)
  }

  /** Of all of them, microseconds. */
  get total(): number {
    return this.#total
  }

  includes(us: number): boolean {
    return this.#periods.some(([from, until]) => from <= us && us < until)
  }

  /** A moment in one of them, and when that one ends; microseconds. */
  draw(random: SeededRandom): Period {
    return this.at(random.below(this.#total))
  }

  /** The moment that has so much of unstable time before it, and when its period ends; microseconds. */
  at(unstable: number): Period {
    let left = unstable
    for (const [from, until] of this.#periods) {
      if (left < until - from) return [from + left, until]
      left -= until - from
    }
    throw new RangeError(`${unstable} microseconds: the run is unstable for ${this.#total}`)
  }
}
