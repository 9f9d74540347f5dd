/**
 * What Byzantine members agreed on beforehand, so that they need not talk: for each instance of a broadcast, who is
 * to believe what. All of it follows from a hash that each of them computes alone.
 */

import type { ProcessId } from '../core/group.ts'
import { encode, fixedBytes, record, text, uint } from '../core/shapes.ts'
import type { BehaviourContext } from './behaviour.ts'
import { correctMembers } from './puppeteer.ts'
import type { InstanceName } from './wire.ts'

const topicShape = record({ group: fixedBytes(32), topic: text(64), sender: uint(), sequence: uint() })

export class Conspiracy {
  readonly #context: BehaviourContext
  readonly #correct: readonly ProcessId[]

  constructor(context: BehaviourContext) {
    this.#context = context
    this.#correct = correctMembers(context)
  }

  /** A number below `bound` that all of them draw alike. */
  draw(topic: string, { sender, sequence }: InstanceName, bound: number): number {
    const [a = 0, b = 0] = this.#hash(topic, sender, sequence)
    return (256 * a + b) % bound
  }

  /**
   * Which of `sides` the member is on in this instance. Every side has a correct member, if there are enough of
   * them; how many, the hash decides.
   */
  sideOf(member: ProcessId, { sender, sequence }: InstanceName, sides: number): number {
    const hash = this.#hash('side', sender, sequence)
    const rank = (other: ProcessId) => 256 * (hash[other % 16] ?? 0) + other
    const order = [...this.#correct].sort((a, b) => rank(a) - rank(b))
    const place = order.indexOf(member)
    return place < sides ? Math.max(0, place) : (hash[16 + (place % 16)] ?? 0) % sides
  }

  #hash(topic: string, sender: ProcessId, sequence: number): Uint8Array {
    const { group, crypto } = this.#context.env
    return crypto.hash(encode(topicShape, { group: group.id, topic, sender, sequence }))
  }
}
