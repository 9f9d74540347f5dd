/**
 * Perfect links (CGR11 Module 2.3, Algorithm 2.2 "Eliminate Duplicates"), over stubborn links.
 *
 * Properties:
 * - *reliable delivery* (PL1): what a correct process sends to a correct process is eventually delivered;
 * - *no duplication* (PL2): nothing is delivered more than once;
 * - *no creation* (PL3): nothing is delivered that was not sent.
 *
 * The book's set `delivered` grows for ever. Here each pair numbers its messages, and the set shrinks to a
 * watermark (all up to it are delivered) and the few numbers above it.
 *
 * Model: crash-stop, no Byzantine process; reliable towards a peer that stubborn links have not given up.
 * Cost: that of stubborn links. Space: STUBBORN_WINDOW numbers per peer.
 */
import { assert } from '../core/assert.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages } from '../core/messages.ts'
import { bytes, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Carrier } from './carrier.ts'
import { LINK_MESSAGE_BYTES_MAX, LINK_RUNG_BYTES_MAX } from './constants.ts'
import { type LinkIndications, STUBBORN_WINDOW } from './stubborn-links.ts'

const messages = defineMessages({
  NUMBERED: [0, { sequence: uint(), payload: bytes(LINK_MESSAGE_BYTES_MAX + LINK_RUNG_BYTES_MAX) }]
})

/** A set of numbers from 1 on of which almost all up to some point are in it. */
interface Delivered {
  watermark: number
  readonly above: Set<number>
}

export class PerfectLinks extends Component<LinkIndications> implements Carrier {
  /** What stubborn links indicate, which are made with them. */
  readonly indications: LinkIndications
  #attached: Carrier | undefined
  readonly #sent = new Map<ProcessId, number>()
  readonly #delivered = new Map<ProcessId, Delivered>()

  constructor(env: Environment, path: string, indications: LinkIndications) {
    super(env, path, indications)
    this.indications = { deliver: (from, message) => this.#onDeliver(from, message) }
  }

  /** Called once, before anything is sent. */
  attach(stubborn: Carrier): void {
    this.#attached = stubborn
  }

  get #stubborn(): Carrier {
    assert(this.#attached !== undefined, 'perfect links are attached to stubborn links')
    return this.#attached
  }

  // upon event < pl, Send | q, m > do: trigger < sl, Send | q, m >
  send(to: ProcessId, message: Uint8Array): void {
    const sequence = (this.#sent.get(to) ?? 0) + 1
    this.#sent.set(to, sequence)
    this.#stubborn.send(to, messages.encode({ type: 'NUMBERED', sequence, payload: message }))
  }

  state(): PlainValue {
    return {
      sent: [...this.#sent],
      delivered: [...this.#delivered].map(([from, { watermark, above }]) => [
        from,
        watermark,
        [...above].sort((a, b) => a - b)
      ])
    }
  }

  // upon event < sl, Deliver | p, m > do: if m not in delivered then delivered := delivered + m; trigger Deliver
  #onDeliver(from: ProcessId, encoded: Uint8Array): void {
    const message = messages.decode(encoded)
    if (message === undefined) return
    if (!this.#isNew(from, message.sequence)) {
      this.env.observer.landmark('duplicate-eliminated')
      return
    }
    this.indicate.deliver(from, message.payload)
  }

  /** Whether `sequence` was not in the set; it is then. */
  #isNew(from: ProcessId, sequence: number): boolean {
    const delivered = this.#delivered.get(from) ?? { watermark: 0, above: new Set<number>() }
    this.#delivered.set(from, delivered)
    const { watermark, above } = delivered
    // No sender is a window ahead of what it has not yet seen acknowledged.
    if (sequence <= watermark || sequence > watermark + STUBBORN_WINDOW || above.has(sequence)) return false
    above.add(sequence)
    while (above.delete(delivered.watermark + 1)) delivered.watermark++
    return true
  }
}
