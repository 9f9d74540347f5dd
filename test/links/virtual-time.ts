/** Virtual time: what is scheduled runs in the order of its instant, then of scheduling. */
import type { Clock } from '../../src/core/clock.ts'

interface Scheduled {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class VirtualTime {
  now = 0
  #order = 0
  #scheduled: Scheduled[] = []

  schedule(delayMs: number, run: () => void): void {
    const entry = { at: this.now + delayMs, order: this.#order++, run }
    let index = this.#scheduled.length
    while (index > 0 && this.#scheduled[index - 1]!.at > entry.at) index--
    this.#scheduled.splice(index, 0, entry)
  }

  /** Runs everything that is due within the next `ms` milliseconds. */
  advance(ms: number): void {
    const end = this.now + ms
    while (this.#scheduled.length > 0 && this.#scheduled[0]!.at <= end) {
      const next = this.#scheduled.shift()!
      this.now = next.at
      next.run()
    }
    this.now = end
  }

  /** The clock of one process: its handlers run as inputs, and never after it stopped. */
  clock(input: (handler: () => void) => void): Clock {
    return {
      now: () => this.now,
      setTimer: (delayMs, handler) => {
        let cancelled = false
        this.schedule(delayMs, () => {
          if (!cancelled) input(handler)
        })
        return {
          cancel() {
            cancelled = true
          }
        }
      }
    }
  }
}

/** A small seeded generator (mulberry32), enough for tests. */
export function seededInteger(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}
