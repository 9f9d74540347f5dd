/**
 * Sends to just enough and stops: of each kind of message about its own broadcasts only a few members, at most
 * enough for a quorum with itself, ever get one, and what was broadcast is handed over to nobody who asks. It may
 * leave instances for ever between echoed and delivered, or delivered at one correct member that the others have
 * to learn it from; about the broadcasts of others it tells the truth.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour } from './behaviour.ts'
import { shuffled } from './draw.ts'
import { Puppeteer } from './puppeteer.ts'
import { instanceOf } from './wire.ts'

/** Own instances whose chosen recipients are remembered. */
const REMEMBERED_MAX = 1024

class Withholder extends Puppeteer {
  /** By type and sequence number: who gets the message. */
  readonly #chosen = new Map<string, ReadonlySet<ProcessId>>()

  protected override say(to: ProcessId, message: Uint8Array): void {
    const { self } = this.env
    const spoken = this.puppet.wire.read(message)
    const instance = spoken && instanceOf(spoken, self)
    if (spoken === undefined || instance?.sender !== self) this.tell(to, message)
    else if (this.#recipients(spoken.message.type, instance.sequence).has(to)) this.tell(to, message)
    else this.report('message-withheld')
  }

  #recipients(type: string, sequence: number): ReadonlySet<ProcessId> {
    const key = `${type}/${sequence}`
    let chosen = this.#chosen.get(key)
    if (chosen === undefined) {
      const { random, group } = this.env
      // The first message goes to a quorum; what follows to as many or fewer, so that every half-way state comes about.
      const enough = group.quorum.byzantine - 1
      const count = type === 'PAYLOAD' ? 0 : type === 'SEND' ? enough : 1 + random.below(Math.max(1, enough))
      chosen = new Set(shuffled(this.correct, random).slice(0, count))
      for (const oldest of this.#chosen.keys()) {
        if (this.#chosen.size < REMEMBERED_MAX) break
        this.#chosen.delete(oldest)
      }
      this.#chosen.set(key, chosen)
    }
    return chosen
  }
}

export const withhold: Behaviour = {
  name: 'withhold',
  powers: 'sends its broadcasts to just enough members, and stops',
  live: true,
  effect: { landmarks: ['payload-pulled', 'ready-amplified'], broadcasts: 'missing' },
  create: (context) => new Withholder(context)
}
