/** Does something again and again, at delays that double from `minMs` to `maxMs`, until told to stop. */
import type { Clock, Timer } from '../core/clock.ts'

export class Retry {
  readonly #clock: Clock
  readonly #minMs: number
  readonly #maxMs: number
  #action: (() => void) | undefined
  #delayMs: number
  #timer: Timer | undefined
  #paused = false

  constructor(clock: Clock, minMs: number, maxMs: number) {
    this.#clock = clock
    this.#minMs = minMs
    this.#maxMs = maxMs
    this.#delayMs = minMs
  }

  get active(): boolean {
    return this.#action !== undefined
  }

  /** Whether the first attempt is still being waited for. */
  get paused(): boolean {
    return this.#paused
  }

  /** Runs `action` after a pause (none if zero) and again until {@link stop}; replaces an earlier action. */
  start(action: () => void, pauseMs = 0): void {
    this.stop()
    this.#action = action
    this.#delayMs = this.#minMs
    this.#paused = pauseMs > 0
    if (this.#paused) this.#wait(pauseMs)
    else this.#attempt()
  }

  /** Does not wait any longer for the next attempt; a pause is kept. */
  hurry(): void {
    if (!this.#paused) this.#attempt()
  }

  #attempt(): void {
    if (this.#action === undefined) return
    this.#paused = false
    this.#timer?.cancel()
    this.#wait(this.#delayMs)
    this.#delayMs = Math.min(2 * this.#delayMs, this.#maxMs)
    this.#action()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#action = undefined
    this.#paused = false
  }

  #wait(delayMs: number): void {
    this.#timer = this.#clock.setTimer(delayMs, () => this.#attempt())
  }
}
