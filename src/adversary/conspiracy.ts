/**
 * What Byzantine members agreed on beforehand, so that they need not talk: for each instance of a protocol, who is
 * to believe what. All of it follows from a hash that each of them computes alone.
 */

import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { encode, fixedBytes, record, text, uint } from '../core/shapes.ts'
import type { BehaviourContext } from './behaviour.ts'
import { correctMembers } from './puppeteer.ts'

/** What they are asked about again for each message of an instance; with more, all are computed anew. */
export const HASHES_KEPT_MAX = 1024

/** A topic, and the numbers of what it is about. */
const topicShape = (numbers: readonly number[]) =>
  record({
    group: fixedBytes(32),
    topic: text(64),
    ...Object.fromEntries(numbers.map((_, index) => [`number ${index}`, uint()]))
  })

export class Conspiracy {
  readonly #env: Environment
  readonly #correct: readonly ProcessId[]
  /** By topic and numbers. */
  readonly #hashes = new Map<string, Uint8Array>()

  constructor(context: Pick<BehaviourContext, 'env' | 'byzantine'>) {
    this.#env = context.env
    this.#correct = correctMembers(context)
  }

  /**
   * A number below `bound` that all of them draw alike.
   *
   * @param about - the name of an instance, or other numbers that they know alike
   */
  draw(topic: string, about: readonly number[], bound: number): number {
    const [a = 0, b = 0] = this.#hash(topic, about)
    return (256 * a + b) % bound
  }

  /**
   * Which of `sides` the member is on in this instance. Every side has a correct member, if there are enough of
   * them; how many, the hash decides.
   */
  sideOf(member: ProcessId, instance: readonly number[], sides: number): number {
    const hash = this.#hash('side', instance)
    const rank = (other: ProcessId) => 256 * (hash[other % 16] ?? 0) + other
    const order = [...this.#correct].sort((a, b) => rank(a) - rank(b))
    const place = order.indexOf(member)
    return place < sides ? Math.max(0, place) : (hash[16 + (place % 16)] ?? 0) % sides
  }

  #hash(topic: string, about: readonly number[]): Uint8Array {
    // The numbers come first: topics have slashes of their own.
    const key = `${about.join('/')} ${topic}`
    const known = this.#hashes.get(key)
    if (known !== undefined) return known
    const { group, crypto } = this.#env
    const numbers = Object.fromEntries(about.map((number, index) => [`number ${index}`, number]))
    const hash = crypto.hash(encode(topicShape(about), { group: group.id, topic, ...numbers }))
    if (this.#hashes.size === HASHES_KEPT_MAX) this.#hashes.clear()
    this.#hashes.set(key, hash)
    return hash
  }
}
