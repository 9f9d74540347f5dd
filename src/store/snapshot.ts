/** What a store held when it was opened: sorted once, so that a prefix is found by bisection. */
type Entry = readonly [key: string, value: Uint8Array]

export class Snapshot {
  readonly #entries: readonly Entry[]

  constructor(entries: Iterable<Entry>) {
    // Never by locale, and not by what a database calls order: the same on every machine and every kind of store.
    this.#entries = [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  }

  get size(): number {
    return this.#entries.length
  }

  /** The entries whose keys start with `prefix`, in key order, with the prefix removed. */
  under(prefix: string): Entry[] {
    const found: Entry[] = []
    for (let i = this.#firstFrom(prefix); i < this.#entries.length; i++) {
      const [key, value] = this.#entries[i]!
      if (!key.startsWith(prefix)) break
      found.push([key.slice(prefix.length), value])
    }
    return found
  }

  get(key: string): Uint8Array | undefined {
    const entry = this.#entries[this.#firstFrom(key)]
    return entry?.[0] === key ? entry[1] : undefined
  }

  /** Index of the first entry whose key is not below `key`. */
  #firstFrom(key: string): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#entries[middle]![0] < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
