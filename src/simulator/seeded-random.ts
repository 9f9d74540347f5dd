/**
 * Seeded randomness: sfc32 (Doty-Humphrey, PractRand), in 32-bit integer arithmetic only, so that a seed means the
 * same on every machine. Every process, every adversary and the network draw from their own named sub-stream: a
 * draw more in one of them does not change the others.
 */
import { assert } from '../core/assert.ts'
import type { Random } from '../core/random.ts'

const TWO_32 = 0x1_0000_0000

export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** @param name of the sub-stream of `seed` */
  constructor(seed: number, name: string) {
    const [a, b, c] = hashText(`${seed}/${name}`)
    this.#a = a
    this.#b = b
    this.#c = c
    for (let i = 0; i < 12; i++) this.next()
  }

  /** A uniform 32-bit unsigned integer. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }

  below(bound: number): number {
    assert(Number.isSafeInteger(bound) && bound > 0 && bound <= TWO_32, `a bound in [1, 2^32], not ${bound}`)
    const limit = TWO_32 - (TWO_32 % bound)
    let value = this.next()
    while (value >= limit) value = this.next()
    return value % bound
  }

  /** True in `perMillion` of a million cases. */
  chance(perMillion: number): boolean {
    return this.below(1_000_000) < perMillion
  }

  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)]
    assert(value !== undefined, 'a value to pick')
    return value
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i += 4) {
      const word = this.next()
      for (let j = 0; j < 4 && i + j < length; j++) bytes[i + j] = (word >>> (8 * j)) & 0xff
    }
    return bytes
  }
}

/** Three 32-bit words from a text, by murmur3-like mixing with different seeds. */
function hashText(text: string): [number, number, number] {
  const mix = (start: number) => {
    let hash = start
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0xcc9e2d51)
      hash = (hash << 13) | (hash >>> 19)
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> 0
  }
  return [mix(0x9e3779b9), mix(0x243f6a88), mix(0xb7e15162)]
}
