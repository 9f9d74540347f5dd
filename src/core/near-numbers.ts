/**
 * A map from numbers that lie close together, such as those of a window that moves on: a ring of as many places as are
 * between the lowest and the highest. A Map would do; but one that is written and emptied for ever makes a table after
 * the other, each of which holds on to the next one, and all that was in it, until the collector goes through
 * everything.
 *
 * Space: a place for each number between the lowest and the highest that there are, at most four times as many.
 */
import { assert } from './assert.ts'

const PLACES_MIN = 16

export class NearNumbers<T> {
  /** The value of a number is at the number modulo their count, which is a power of two. */
  #places: (T | undefined)[] = new Array(PLACES_MIN).fill(undefined)
  /** All that there are lie in [first, end), both of these ends among them. */
  #first = 0
  #end = 0

  get(number: number): T | undefined {
    return number >= this.#first && number < this.#end ? this.#places[this.#placeOf(number)] : undefined
  }

  has(number: number): boolean {
    return this.get(number) !== undefined
  }

  set(number: number, value: T): void {
    assert(Number.isSafeInteger(number) && number >= 0, 'numbers are counted from 0')
    const isEmpty = this.#first === this.#end
    const first = isEmpty ? number : Math.min(this.#first, number)
    const end = isEmpty ? number + 1 : Math.max(this.#end, number + 1)
    if (end - first > this.#places.length) this.#grow(end - first)
    this.#first = first
    this.#end = end
    this.#places[this.#placeOf(number)] = value
  }

  /** @returns whether there was something */
  delete(number: number): boolean {
    if (!this.has(number)) return false
    this.#places[this.#placeOf(number)] = undefined
    while (this.#first < this.#end && this.#places[this.#placeOf(this.#first)] === undefined) this.#first++
    while (this.#first < this.#end && this.#places[this.#placeOf(this.#end - 1)] === undefined) this.#end--
    return true
  }

  /** In the order of the numbers. */
  keys(): readonly number[] {
    const keys: number[] = []
    for (let number = this.#first; number < this.#end; number++) if (this.has(number)) keys.push(number)
    return keys
  }

  /** In the order of their numbers. */
  values(): readonly T[] {
    const values: T[] = []
    for (let number = this.#first; number < this.#end; number++) {
      const value = this.get(number)
      if (value !== undefined) values.push(value)
    }
    return values
  }

  #placeOf(number: number): number {
    return number % this.#places.length
  }

  #grow(span: number): void {
    const before = this.#places
    let length = before.length
    while (length < span) length *= 2
    this.#places = new Array(length).fill(undefined)
    for (let number = this.#first; number < this.#end; number++)
      this.#places[this.#placeOf(number)] = before[number % before.length]
  }
}
