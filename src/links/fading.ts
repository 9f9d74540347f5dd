/** A count that time forgets: one in each `forgottenMs`. A clock that is set back forgets nothing. */
import type { Clock } from '../core/clock.ts'

export class Fading {
  readonly #clock: Clock
  readonly #forgottenMs: number
  /** No integer. */
  #count = 0
  /** When that was the count, by the clock. */
  #asOf = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, forgottenMs: number) {
    this.#clock = clock
    this.#forgottenMs = forgottenMs
  }

  /** @returns the count with the one that is added, rounded up */
  add(): number {
    const now = this.#clock.now()
    const forgotten = Math.max(0, now - this.#asOf) / this.#forgottenMs
    this.#count = Math.max(0, this.#count - forgotten) + 1
    this.#asOf = now
    return Math.ceil(this.#count)
  }

  clear(): void {
    this.#count = 0
  }
}
