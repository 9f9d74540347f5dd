/**
 * Drips: it is correct, but lets out one proposal at a time, each just before the others would give it up. So it stays
 * for as long as it can, and serves as little as it can. Nobody can prove it, and nothing that it proposes is lost.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour } from './behaviour.ts'
import { Puppeteer } from './puppeteer.ts'
import { isOfOne } from './wire.ts'

/** Of the time that others wait for a proposal: a little is left for it to arrive and to be voted for. */
const PATIENCE_USED = 0.8
/** Messages that are held back; more are let out at once. */
const HELD_MAX = 1024

interface Held {
  readonly instance: string
  readonly to: ProcessId
  readonly message: Uint8Array
}

class Dripper extends Puppeteer {
  /** In the order in which they were proposed. */
  #held: Held[] = []

  override sessionEnded(peer: ProcessId, reason: string): void {
    // A correct link drops what it had queued.
    this.#held = this.#held.filter(({ to }) => to !== peer)
    super.sessionEnded(peer, reason)
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    const { wire } = this.puppet
    const { self } = this.env
    const utterance = wire.read(message)
    const awaitedMs = utterance && wire.awaitedMs(utterance)
    const instance = utterance && wire.instanceOf(utterance, self, to)
    const isOwn = instance !== undefined && isOfOne(instance, [self])
    if (awaitedMs === undefined || !isOwn || this.#held.length >= HELD_MAX) this.tell(to, message)
    else {
      this.report('proposal-held-back')
      this.#held.push({ instance: `${utterance?.port}/${instance.name.join('/')}`, to, message })
      if (this.#held.length === 1) this.#dripAfter(awaitedMs * PATIENCE_USED)
    }
  }

  #dripAfter(ms: number): void {
    this.env.clock.setTimer(ms, () => {
      const [first] = this.#held
      if (first === undefined) return
      const isNext = ({ instance }: Held) => instance === first.instance
      const drop = this.#held.filter(isNext)
      this.#held = this.#held.filter((held) => !isNext(held))
      for (const { to, message } of drop) this.tell(to, message)
      if (this.#held.length > 0) this.#dripAfter(ms)
    })
  }
}

export const drip: Behaviour = {
  name: 'drip',
  powers: 'follows the protocol, but proposes one thing at a time, just before the others give it up',
  live: false,
  effect: { landmarks: ['timeout-doubled'] },
  create: (context) => new Dripper(context)
}
