/**
 * A set of texts in their order, for maps that are asked for ranges. It is kept in runs of bounded length, so that no
 * insertion moves more than one of them.
 */

/** Texts in one run; a longer one is cut in two. */
const RUN_LENGTH_MAX = 512

export class OrderedKeys {
  /** None is empty, and each ends before the next one begins. */
  readonly #runs: string[][] = []

  /** Adds one that is not there. */
  add(key: string): void {
    const at = Math.min(this.#runOf(key), Math.max(0, this.#runs.length - 1))
    const run = this.#runs[at]
    if (run === undefined) {
      this.#runs.push([key])
      return
    }
    run.splice(firstNotBelow(run, key), 0, key)
    if (run.length > RUN_LENGTH_MAX) this.#runs.splice(at + 1, 0, run.splice(RUN_LENGTH_MAX / 2))
  }

  /** Takes one away that is there. */
  delete(key: string): void {
    const at = this.#runOf(key)
    const run = this.#runs[at]
    if (run === undefined) return
    run.splice(firstNotBelow(run, key), 1)
    if (run.length === 0) this.#runs.splice(at, 1)
  }

  /** The first that is `key` or after it. */
  firstFrom(key: string): string | undefined {
    const run = this.#runs[this.#runOf(key)]
    return run?.[firstNotBelow(run, key)]
  }

  /** The first that is after `key`. */
  firstAfter(key: string): string | undefined {
    // No text stands between one and itself with the lowest character behind it.
    return this.firstFrom(`${key}\0`)
  }

  /** The first run that does not end before `key`. */
  #runOf(key: string): number {
    return firstIndex(this.#runs.length, (at) => (this.#runs[at]?.at(-1) ?? '') >= key)
  }
}

const firstNotBelow = (run: readonly string[], key: string): number =>
  firstIndex(run.length, (at) => (run[at] ?? '') >= key)

/** The first index from which on it holds. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
