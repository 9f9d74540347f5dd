/**
 * Sends to just enough and stops: of each kind of message about its own instances only a few members, at most
 * enough for a quorum with itself, ever get one, and what was proposed is handed over to nobody who asks. It may
 * leave instances for ever between voted for and delivered, or delivered at one correct member that the others have
 * to learn it from; about the instances of others it tells the truth.
 */
import type { ProcessId } from '../core/group.ts'
import type { RoleName } from '../core/role.ts'
import type { Behaviour } from './behaviour.ts'
import { shuffled } from './draw.ts'
import { Puppeteer } from './puppeteer.ts'
import { isOfOne } from './wire.ts'

/** Own instances whose chosen recipients are remembered. */
const REMEMBERED_MAX = 1024

class Withholder extends Puppeteer {
  /** By port, type and instance: who gets the message. */
  readonly #chosen = new Map<string, ReadonlySet<ProcessId>>()

  protected override say(to: ProcessId, message: Uint8Array): void {
    const { self } = this.env
    const { wire } = this.puppet
    const utterance = wire.read(message)
    const instance = utterance && wire.instanceOf(utterance, self, to)
    const role = utterance && wire.roleOf(utterance)?.role
    if (utterance === undefined || role === undefined || role === 'request') this.tell(to, message)
    else if (instance === undefined || !isOfOne(instance, [self])) this.tell(to, message)
    else {
      const key = `${utterance.port}/${utterance.message.type}/${instance.name.join('/')}`
      if (this.#recipients(role, key).has(to)) this.tell(to, message)
      else this.report('message-withheld')
    }
  }

  #recipients(role: RoleName, key: string): ReadonlySet<ProcessId> {
    let chosen = this.#chosen.get(key)
    if (chosen === undefined) {
      const { random, group } = this.env
      // The first message goes to a quorum; what follows to as many or fewer, so that every half-way state comes about.
      const enough = group.quorum.byzantine - 1
      const count =
        role === 'answer' ? 0 : role === 'proposal' ? enough : 1 + random.below(Math.max(1, enough))
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
  powers: 'sends its proposals to just enough members, and stops',
  live: true,
  effect: { landmarks: ['payload-pulled', 'ready-amplified'], broadcasts: 'missing' },
  create: (context) => new Withholder(context)
}
