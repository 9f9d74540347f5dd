/** How many there are of each; of whom there are none costs nothing. */
export class Counts<K> {
  readonly #counts = new Map<K, number>()

  of(key: K): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: K, count: number): void {
    const after = this.of(key) + count
    if (after === 0) this.#counts.delete(key)
    else this.#counts.set(key, after)
  }
}
