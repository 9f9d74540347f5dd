/**
 * Acts correctly, but everything it says comes late, to the edge of the timeouts of the others, and in bursts. It
 * may make every timeout fire just before its answer comes and make quorums wait for the slowest; it is correct in
 * an asynchronous system, so it must never be accused of anything and all of its broadcasts must arrive.
 */

import { STATUS_DELAY_MS } from '../broadcast/constants.ts'
import type { ProcessId } from '../core/group.ts'
import { PULL_RETRY_MS } from '../exchange/constants.ts'
import { LAGGING_AFTER_MS } from '../links/constants.ts'
import type { Behaviour } from './behaviour.ts'
import { pick } from './draw.ts'
import { Puppeteer } from './puppeteer.ts'

/** The timeouts to just miss, or just meet; milliseconds. */
const TIMEOUTS_MS = [STATUS_DELAY_MS, PULL_RETRY_MS, LAGGING_AFTER_MS]
/** How near to the timeout, milliseconds. */
const EDGE_MS = 10

class Delayer extends Puppeteer {
  #held: [to: ProcessId, message: Uint8Array][] = []

  override sessionEnded(peer: ProcessId, reason: string): void {
    // A correct link drops what it had queued.
    this.#held = this.#held.filter(([to]) => to !== peer)
    super.sessionEnded(peer, reason)
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    this.report('message-delayed')
    this.#held.push([to, message])
    if (this.#held.length > 1) return
    const { clock, random } = this.env
    clock.setTimer(pick(TIMEOUTS_MS, random) - EDGE_MS + random.below(2 * EDGE_MS + 1), () => this.#burst())
  }

  #burst(): void {
    const held = this.#held
    this.#held = []
    for (const [to, message] of held) this.tell(to, message)
  }
}

export const delay: Behaviour = {
  name: 'delay',
  powers: 'follows the protocol, but says everything at the edge of timeouts and in bursts',
  live: true,
  effect: { broadcasts: 'late' },
  create: (context) => new Delayer(context)
}
