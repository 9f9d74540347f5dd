/** A process's own clock in virtual time: it has an offset, it drifts, and it jumps. */
import type { Clock, Timer } from '../core/clock.ts'
import { MS, type Scheduler } from './scheduler.ts'

export interface ClockFaults {
  /** Milliseconds by which it is off at the start. */
  readonly offsetMs: number
  /** Parts per million by which it runs fast (or slow, if negative). */
  readonly driftPpm: number
}

/** Told of each timer, for the trace. */
export type TimerWatch = (change: 'set' | 'fired', timer: number, delayMs: number) => void

export class SimulatedClock implements Clock {
  readonly #scheduler: Scheduler
  readonly #drift: number
  /** Runs a timer's handler as an input of the process. */
  readonly #input: (handler: () => void) => void
  readonly #precedence: number
  readonly #onTimer: TimerWatch | undefined
  #timers = 0
  #offsetMs: number

  constructor(
    scheduler: Scheduler,
    { offsetMs, driftPpm }: ClockFaults,
    input: (handler: () => void) => void,
    precedence = 0,
    onTimer?: TimerWatch
  ) {
    this.#scheduler = scheduler
    this.#offsetMs = offsetMs
    this.#drift = driftPpm
    this.#input = input
    this.#precedence = precedence
    this.#onTimer = onTimer
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
    const timer = ++this.#timers
    this.#onTimer?.('set', timer, delayMs)
    const fire = () => {
      this.#onTimer?.('fired', timer, delayMs)
      this.#input(handler)
    }
    const event = this.#scheduler.after(delay, fire, this.#precedence)
    return {
      cancel: () => {
        event.run = undefined
      }
    }
  }
}
