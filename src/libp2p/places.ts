/**
 * Things that come and go, each in a place that is used again by a later one. A Set would do, but that one leaves
 * tables behind which hold on to all that was in it (near-numbers.ts says how).
 */
export class Places<T> {
  readonly #places: (T | undefined)[] = []
  readonly #free: number[] = []

  /** How many there are. */
  get size(): number {
    return this.#places.length - this.#free.length
  }

  /** @returns its place, for {@link leave} */
  enter(thing: T): number {
    const place = this.#free.pop() ?? this.#places.length
    this.#places[place] = thing
    return place
  }

  /** To be called once with each place. */
  leave(place: number): void {
    this.#places[place] = undefined
    this.#free.push(place)
  }

  /** Those that are there. */
  all(): readonly T[] {
    return this.#places.filter((thing) => thing !== undefined)
  }
}
