/** A process's own clock in virtual time: it has an offset, it drifts, and it jumps. */
import type { Clock, Timer } from '../core/clock.ts'
import { MS, type Scheduler } from './scheduler.ts'

export interface ClockFaults {
  /** Milliseconds by which it is off at the start. */
  readonly offsetMs: number
  /** Parts per million by which it runs fast (or slow, if negative). */
  readonly driftPpm: number
}

export class SimulatedClock implements Clock {
  readonly #scheduler: Scheduler
  readonly #drift: number
  /** Runs a timer's handler as an input of the process. */
  readonly #input: (handler: () => void) => void
  #offsetMs: number

  constructor(
    scheduler: Scheduler,
    { offsetMs, driftPpm }: ClockFaults,
    input: (handler: () => void) => void
  ) {
    this.#scheduler = scheduler
    this.#offsetMs = offsetMs
    this.#drift = driftPpm
    this.#input = input
  }

  now(): number {
    return this.#offsetMs + Math.floor((this.#scheduler.now * (1_000_000 + this.#drift)) / (1_000_000 * MS))
  }

  /** A step of the clock, as an operator or a time service makes it; timers that are set do not move. */
  jump(ms: number): void {
    this.#offsetMs += ms
  }

  setTimer(delayMs: number, handler: () => void): Timer {
    const delay = Math.floor((delayMs * MS * 1_000_000) / (1_000_000 + this.#drift))
    const event = this.#scheduler.after(delay, () => this.#input(handler))
    return {
      cancel: () => {
        event.run = undefined
      }
    }
  }
}
