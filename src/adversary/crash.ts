/**
 * Follows the protocol until a moment drawn from the seed and stops for good, perhaps in the middle of a burst of
 * messages: some of its last turn leave, the rest do not. It may leave a broadcast half sent; nothing else.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour } from './behaviour.ts'
import { Puppeteer } from './puppeteer.ts'

/** The moment comes within this long; milliseconds. */
const CRASH_WITHIN_MS = 1000
/** So many messages leave after the moment. */
const LAST_MESSAGES_MAX = 4

class Crasher extends Puppeteer {
  #messagesLeft = Number.POSITIVE_INFINITY

  override start(): void {
    const { clock, random } = this.env
    clock.setTimer(random.below(CRASH_WITHIN_MS), () => {
      this.#messagesLeft = random.below(LAST_MESSAGES_MAX + 1)
      this.report('crashed')
    })
    super.start()
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    if (this.#messagesLeft === 0) this.puppet.discard()
    else {
      this.#messagesLeft--
      this.tell(to, message)
    }
  }
}

export const crash: Behaviour = {
  name: 'crash',
  powers: 'follows the protocol until a moment of its choice, then stops for good',
  live: false,
  effect: { broadcasts: 'missing' },
  create: (context) => new Crasher(context)
}
