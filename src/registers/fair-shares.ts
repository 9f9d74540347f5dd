/**
 * A total that many draw on, of which nobody can use up what is another's: half of it is dealt out to those that are
 * known, in equal shares; the other half is for whoever needs more than its share, and comes first. What is taken stays
 * taken until it is given back, so that nobody who comes later loses what was promised to another.
 */
export class FairShares {
  readonly #known: ReadonlySet<string>
  /** Of each that is known; strangers have none. */
  readonly #share: number
  readonly #common: number
  readonly #taken = new Map<string, number>()
  /** What was taken beyond shares. */
  #beyond = 0

  constructor(total: number, known: ReadonlySet<string>) {
    this.#known = known
    this.#share = Math.floor(total / (2 * Math.max(1, known.size)))
    this.#common = total - this.#share * known.size
  }

  /** Takes, or with a negative number gives back, whether or not there is room. */
  take(sharer: string, amount: number): void {
    const before = this.#taken.get(sharer) ?? 0
    const after = before + amount
    this.#beyond += this.#beyondShare(sharer, after) - this.#beyondShare(sharer, before)
    if (after === 0) this.#taken.delete(sharer)
    else this.#taken.set(sharer, after)
  }

  hasRoom(sharer: string, amount: number): boolean {
    const before = this.#taken.get(sharer) ?? 0
    const beyond = this.#beyondShare(sharer, before + amount)
    return beyond === 0 || this.#beyond - this.#beyondShare(sharer, before) + beyond <= this.#common
  }

  #beyondShare(sharer: string, amount: number): number {
    return Math.max(0, amount - (this.#known.has(sharer) ? this.#share : 0))
  }
}
