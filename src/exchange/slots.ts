/** A fixed number of places. Whoever finds none free waits, and gets one in the order of asking. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** @param taken - is called at once, or when another one is released */
  take(taken: () => void): void {
    if (this.#free === 0) {
      this.#waiting.push(taken)
      return
    }
    this.#free--
    taken()
  }

  release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
