/**
 * Fabricates: beside following the protocol it sends well-formed messages of every declared type, with field values
 * from where bugs live: zero, the largest, one off from what is in use, ranks of members and of nobody, digests and
 * signatures seen elsewhere. It may say anything that the grammar allows; it cannot speak for another member.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { oneIn, pick } from './draw.ts'
import { Memory } from './memory.ts'
import { Troublemaker } from './troublemaker.ts'
import { fabricateMessage, type Source } from './values.ts'

/** Longest byte string made up, unless the largest allowed is drawn. */
const BYTES_MAX = 64

class Fabricator extends Troublemaker {
  readonly #memory = new Memory()
  readonly #source: Source

  constructor(context: BehaviourContext) {
    super(context)
    this.#source = likelySource(context, this.#memory)
  }

  protected override heard(_from: ProcessId, message: Uint8Array): void {
    const utterance = this.puppet.wire.read(message)
    if (utterance !== undefined) this.#memory.learn(utterance.message)
  }

  protected override act(): void {
    const { wire } = this.puppet
    const lie = fabricateMessage(pick(wire.formats, this.env.random), this.#source)
    this.report(`fabricated-${lie.message.type}`)
    this.tell(this.victim(), wire.write(wire.resigned(this.env, lie)))
  }
}

/** Leaves near the truth or at the edge of what is allowed. */
export function likelySource({ env: { random, group } }: BehaviourContext, memory: Memory): Source {
  return {
    random,
    uint({ field }, max) {
      const seen = memory.number(field, max, random) ?? random.below(group.n)
      const drawn = pick([seen, seen, seen + 1, seen - 1, 0, group.n, random.below(group.n), max], random)
      return Math.min(Math.max(drawn, 0), max)
    },
    bytes({ field }, min, max) {
      const seen = oneIn(2, random) ? memory.bytes(field, min, max, random) : undefined
      if (seen !== undefined) return seen
      if (oneIn(64, random)) return new Uint8Array(max)
      return random.bytes(min + random.below(Math.min(max, Math.max(min, BYTES_MAX)) - min + 1))
    },
    length: (_field, max) => Math.min(max, pick([group.n, group.n, random.below(group.n + 2)], random))
  }
}

export const fabricate: Behaviour = {
  name: 'fabricate',
  powers: 'sends well-formed messages of every declared type, made up',
  live: false,
  effect: {
    landmarks: ['conflicting-echo', 'invalid-certificate'],
    faults: ['malformed', 'flooding', 'contradicting-vote', 'invalid-signature']
  },
  create: (context) => new Fabricator(context)
}
