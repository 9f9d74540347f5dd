/**
 * Floods: for each broadcast of its application it opens many instances of its own, speaks of numbers far ahead in
 * every sender's window and beyond it, votes for digests that nobody broadcast, and asks for every payload it has
 * heard of. It may make its peers work as much as their windows and budgets allow, for as long as it goes on; their
 * memory stays bounded, and the broadcasts of others arrive.
 */
import { WINDOW_INSTANCES } from '../broadcast/constants.ts'
import type { ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { oneIn, pick } from './draw.ts'
import { Memory } from './memory.ts'
import { Troublemaker } from './troublemaker.ts'
import { fabricateMessage, type Source } from './values.ts'

/** Bursts for each broadcast of its application ... */
const BURSTS = 4
/** ... and messages in each. */
const BURST_MESSAGES = 24

class Flooder extends Troublemaker {
  readonly #memory = new Memory()
  readonly #source: Source

  constructor(context: BehaviourContext) {
    super(context, BURSTS)
    this.#source = this.#floodSource(context)
  }

  protected override heard(_from: ProcessId, message: Uint8Array): void {
    const utterance = this.puppet.wire.read(message)
    if (utterance !== undefined) this.#memory.learn(utterance.message)
  }

  protected override act(): void {
    const { wire } = this.puppet
    const to = this.victim()
    for (let i = 0; i < BURST_MESSAGES; i++) {
      const lie = fabricateMessage(pick(wire.formats, this.env.random), this.#source)
      this.report(`flooded-${lie.message.type}`)
      this.tell(to, wire.write(lie))
    }
  }

  #floodSource({ env: { random, group }, options }: BehaviourContext): Source {
    const { windowInstances = WINDOW_INSTANCES } = options
    return {
      random,
      uint: ({ field, means }, max) => {
        if (means === 'rank') return Math.min(max, random.below(group.n))
        const seen = this.#memory.number(field, max, random) ?? 0
        // In use, in the window, just beyond it, out of all bounds.
        const ahead = [0, random.below(windowInstances), windowInstances + random.below(2), 2 ** 40]
        return Math.min(max, seen + pick(ahead, random))
      },
      bytes: ({ field }, min, max) => {
        const seen = oneIn(2, random) ? this.#memory.bytes(field, min, max, random) : undefined
        return seen ?? random.bytes(Math.min(max, Math.max(min, 32)))
      },
      length: (_field, max) => Math.min(max, group.n)
    }
  }
}

export const flood: Behaviour = {
  name: 'flood',
  powers: 'opens as many instances as it can, speaks of numbers far ahead, votes and asks for everything',
  live: true,
  effect: { landmarks: ['beyond-window'], faults: ['flooding'] },
  create: (context) => new Flooder(context)
}
