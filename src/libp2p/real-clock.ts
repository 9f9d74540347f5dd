/** This process's own clock in real time: monotonic, and its timers do not keep the program alive. */
import type { Clock, Timer } from '../core/clock.ts'

export class RealClock implements Clock {
  readonly #timers = new Set<Timer>()
  /** Runs a timer's handler as an input of the process. */
  readonly #input: (handler: () => void) => void
  #stopped = false

  constructor(input: (handler: () => void) => void) {
    this.#input = input
  }

  now(): number {
    return performance.now()
  }

  setTimer(delayMs: number, handler: () => void): Timer {
    if (this.#stopped) return { cancel() {} }
    const timer = start(delayMs, () => {
      this.#timers.delete(timer)
      this.#input(handler)
    })
    this.#timers.add(timer)
    return {
      cancel: () => {
        timer.cancel()
        this.#timers.delete(timer)
      }
    }
  }

  /** No handler runs any more. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }
}

/** A timeout takes a millisecond at least: who wants no delay but another turn gets the next one. */
function start(delayMs: number, fire: () => void): Timer {
  if (delayMs <= 0) {
    const immediate = setImmediate(fire)
    immediate.unref()
    return { cancel: () => clearImmediate(immediate) }
  }
  const timeout = setTimeout(fire, delayMs)
  timeout.unref()
  return { cancel: () => clearTimeout(timeout) }
}
