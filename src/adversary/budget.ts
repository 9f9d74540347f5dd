/** How much a behaviour may still do on its own account: so that runs end, and live liars do not only burn CPU. */
export class Budget {
  #left = 0

  grant(acts: number): void {
    this.#left += acts
  }

  /** Spends one act. @returns false if none is left */
  spend(): boolean {
    if (this.#left === 0) return false
    this.#left--
    return true
  }
}
