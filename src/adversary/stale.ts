/**
 * Acknowledges every write, and answers reads with what it had long ago: values that were really written, with valid
 * signatures, and overwritten since. Now and then it learns something newer, to be believed again.
 */
import type { Message } from '../core/messages.ts'
import { FalseWitness } from './answers.ts'
import type { Behaviour } from './behaviour.ts'
import { oneIn } from './draw.ts'

/** Registers whose old answers are remembered. */
const REMEMBERED_MAX = 1024
/** One in so many answers is true, and repeated from then on. */
const REFRESHED_ONE_IN = 8

class Stale extends FalseWitness {
  readonly #old = new Map<string, Message>()

  protected falsify(answer: Message): Message {
    const key = JSON.stringify(answer.register ?? null)
    const old = this.#old.get(key)
    if (old === undefined || oneIn(REFRESHED_ONE_IN, this.env.random)) {
      if (this.#old.size < REMEMBERED_MAX || old !== undefined) this.#old.set(key, answer)
      return answer
    }
    this.report('stale-answer')
    return { ...old, call: answer.call ?? 0 }
  }
}

export const stale: Behaviour = {
  name: 'stale',
  powers: 'acknowledges writes, and answers reads with values that were overwritten since',
  live: true,
  effect: { landmarks: ['stale-answer-outvoted'] },
  create: (context) => new Stale(context)
}
