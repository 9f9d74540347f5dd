/**
 * Follows the protocol towards some correct members and is silent towards the others. It may make its broadcasts
 * arrive at some only (where totality is not promised), and make the others learn of them by votes and pulls; it
 * sends no false word, so nobody can accuse it.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { shuffled } from './draw.ts'
import { Puppeteer } from './puppeteer.ts'

class Selective extends Puppeteer {
  readonly #shunned: ReadonlySet<ProcessId>

  constructor(context: BehaviourContext) {
    super(context)
    const { random } = context.env
    const count = 1 + random.below(Math.max(1, this.correct.length - 1))
    this.#shunned = new Set(shuffled(this.correct, random).slice(0, count))
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    if (this.#shunned.has(to)) this.report('message-withheld')
    else this.tell(to, message)
  }
}

export const selective: Behaviour = {
  name: 'selective',
  powers: 'follows the protocol towards some members, says nothing to the others',
  live: false,
  effect: { landmarks: ['payload-pulled'], broadcasts: 'missing' },
  create: (context) => new Selective(context)
}
