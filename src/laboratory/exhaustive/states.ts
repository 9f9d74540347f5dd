/**
 * The set of states that an exploration has reached, each a short vector of small integers, numbered in the order in
 * which they were found. Ten million of them must fit in memory: they lie side by side in typed arrays, with a hash
 * table of their numbers, at 8 bytes or less for each state, and one integer for the state from which each was reached.
 */
import { assert } from '../../core/assert.ts'

const CAPACITY_START = 1 << 12

export class StateSet {
  readonly #width: number
  #entries: Int32Array
  #parents: Int32Array
  /** Numbers of states, or -1; open addressing, never more than half full. Its length is a power of two. */
  #table: Int32Array
  #size = 0

  constructor(width: number) {
    this.#width = width
    this.#entries = new Int32Array(CAPACITY_START * width)
    this.#parents = new Int32Array(CAPACITY_START)
    this.#table = new Int32Array(2 * CAPACITY_START).fill(-1)
  }

  get size(): number {
    return this.#size
  }

  /** @returns whether it was not there yet */
  add(state: Int32Array, parent: number): boolean {
    const slot = this.#find(state)
    if (this.#table[slot] !== -1) return false
    if (this.#size === this.#parents.length) {
      this.#grow()
      return this.add(state, parent)
    }
    this.#entries.set(state, this.#size * this.#width)
    this.#parents[this.#size] = parent
    this.#table[slot] = this.#size++
    return true
  }

  /** The number of a state; -1 if it is not there. */
  indexOf(state: Int32Array): number {
    return this.#table[this.#find(state)] ?? -1
  }

  read(index: number, into: Int32Array): void {
    const start = index * this.#width
    for (let i = 0; i < this.#width; i++) into[i] = this.#entries[start + i] ?? 0
  }

  /** The state from which this one was reached first. */
  parent(index: number): number {
    assert(index >= 0 && index < this.#size, `a state that was reached, not ${index}`)
    return this.#parents[index] ?? -1
  }

  /** Where the state is in the table, or where it belongs. */
  #find(state: Int32Array): number {
    const mask = this.#table.length - 1
    let slot = this.#hash(state) & mask
    for (;;) {
      const index = this.#table[slot] ?? -1
      if (index === -1 || this.#equals(index, state)) return slot
      slot = (slot + 1) & mask
    }
  }

  #hash(state: Int32Array): number {
    let hash = 0
    for (let i = 0; i < this.#width; i++) hash = Math.imul(hash ^ (state[i] ?? 0), 0x9e3779b1) + i
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    return hash ^ (hash >>> 13)
  }

  #equals(index: number, state: Int32Array): boolean {
    const start = index * this.#width
    for (let i = 0; i < this.#width; i++) if (this.#entries[start + i] !== state[i]) return false
    return true
  }

  #grow(): void {
    this.#entries = doubled(this.#entries)
    this.#parents = doubled(this.#parents)
    this.#table = new Int32Array(2 * this.#table.length).fill(-1)
    const mask = this.#table.length - 1
    const state = new Int32Array(this.#width)
    for (let index = 0; index < this.#size; index++) {
      this.read(index, state)
      // All are different: none need be compared with another.
      let slot = this.#hash(state) & mask
      while (this.#table[slot] !== -1) slot = (slot + 1) & mask
      this.#table[slot] = index
    }
  }
}

function doubled(array: Int32Array): Int32Array {
  const longer = new Int32Array(2 * array.length)
  longer.set(array)
  return longer
}
