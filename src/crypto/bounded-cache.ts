/** A map of at most `entriesMax` entries that forgets the least recently used one first. */
export class BoundedCache<Value> {
  // A Map iterates in the order of insertion: re-inserting on use keeps the oldest in front.
  readonly #entries = new Map<string, Value>()
  readonly #entriesMax: number

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value kept for `key`, or the one that `compute` gives, which is then kept. */
  getOrCompute(key: string, compute: () => Value): Value {
    const kept = this.#entries.get(key)
    const value = kept === undefined && !this.#entries.has(key) ? compute() : (kept as Value)
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#entriesMax) this.#entries.delete(this.#entries.keys().next().value!)
    return value
  }
}
