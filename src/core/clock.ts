/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void
}

/** A process's own clock. It may be off, drift and jump: no safety property depends on it. */
export interface Clock {
  /** Milliseconds since this clock's own origin. */
  now(): number
  /** Runs `handler` as an input of its own turn after about `delayMs` milliseconds. */
  setTimer(delayMs: number, handler: () => void): Timer
}
