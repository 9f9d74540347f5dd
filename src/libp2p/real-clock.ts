/** This process's own clock in real time: monotonic, and its timers do not keep the program alive. */
import type { Clock, Timer } from '../core/clock.ts'

export class RealClock implements Clock {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
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
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#input(handler)
    }, delayMs)
    timer.unref()
    this.#timers.add(timer)
    return {
      cancel: () => {
        clearTimeout(timer)
        this.#timers.delete(timer)
      }
    }
  }

  /** No handler runs any more. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
