/**
 * A budget of work: what one peer may make this process do. Time fills it, what the peer causes empties it, and a peer
 * whose budget is empty waits until time has filled it again; nobody else does.
 *
 * Work is counted in nominal microseconds, the same on every machine: constants say what a message, a verification or a
 * byte counts (WORK_US in constants.ts). Work is counted when it is done, not before, so a budget may fall below
 * zero by one piece of work; the wait is longer then. The clock is read only when all is spent, so a peer that rests
 * with some of it left finds that and a burst: less than two of them at once.
 */
import type { Clock } from '../core/clock.ts'

export interface BudgetBounds {
  /** What time fills in, microseconds of work each second. */
  readonly perSecond: number
  /** What it holds when it is full, microseconds of work. */
  readonly burst: number
}

export class Budget {
  readonly #clock: Clock
  readonly #bounds: BudgetBounds
  /** Microseconds of work that are left, without what time has filled in since this was last looked at. */
  #left: number
  /** When that was, by the clock; undefined before it was first spent. */
  #filledAt: number | undefined

  constructor(clock: Clock, bounds: BudgetBounds) {
    this.#clock = clock
    this.#bounds = bounds
    this.#left = bounds.burst
  }

  /** The clock is read only when what is left does not tell. */
  get isSpent(): boolean {
    if (this.#left > 0) return false
    this.#fill()
    return this.#left <= 0
  }

  /** Milliseconds until a spent budget is not spent any more. */
  get waitMs(): number {
    return this.isSpent ? Math.floor((-this.#left * 1000) / this.#bounds.perSecond) + 1 : 0
  }

  spend(microseconds: number): void {
    this.#left -= microseconds
  }

  /** What the peer has earned beside what time gives it. */
  earn(microseconds: number): void {
    this.#left = Math.min(this.#bounds.burst, this.#left + microseconds)
  }

  #fill(): void {
    const now = this.#clock.now()
    // A clock that was set back gives nothing, and takes nothing.
    const elapsedMs = Math.max(0, now - (this.#filledAt ?? now))
    this.#filledAt = now
    this.earn((elapsedMs * this.#bounds.perSecond) / 1000)
  }
}
