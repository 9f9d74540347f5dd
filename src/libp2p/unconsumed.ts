/**
 * Deliveries that nobody consumes stop the windows of their senders, at every member in the end. Who forgot to consume
 * them is warned before that, once; and again if it stops consuming later.
 */

/** What part of a window may wait before that, while nobody iterates. */
const PART = 2

export class UnconsumedWatch {
  readonly #windowInstances: number
  readonly #warn: (message: string) => void
  #warned = false

  constructor(windowInstances: number, warn: (message: string) => void) {
    this.#windowInstances = windowInstances
    this.#warn = warn
  }

  /** @param waiting - deliveries that were not acknowledged */
  look(waiting: number, hasConsumer: boolean): void {
    const isMuch = waiting >= this.#windowInstances / PART && !hasConsumer
    if (isMuch && !this.#warned)
      this.#warn(
        `${waiting} deliveries wait and nobody consumes them: iterate over deliveries(), or acknowledge() what the event ` +
          `brings; a sender of whom ${this.#windowInstances} wait here has to wait, too`
      )
    this.#warned = isMuch
  }
}
