/**
 * FIFO perfect links (CGR11 Module 2.11, Algorithm 2.11 "Sequence Number"), over perfect links.
 *
 * Properties: those of perfect links, and
 * - *FIFO delivery* (FPL4): if a process sends m1 before m2 to the same receiver, it is not delivered m2 unless
 *   it was delivered m1 before.
 *
 * Model: that of the links below: crash-stop. Cost: a number per message.
 * Space: the messages that wait for an earlier one, at most STUBBORN_WINDOW per peer, since perfect links
 * deliver none further ahead; their senders hold STUBBORN_BYTES_MAX of them at most.
 */
import { assert } from '../core/assert.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages } from '../core/messages.ts'
import { bytes, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Carrier } from './carrier.ts'
import { LINK_MESSAGE_BYTES_MAX } from './constants.ts'
import type { LinkIndications } from './stubborn-links.ts'

const messages = defineMessages({
  ORDERED: [0, { lsn: uint(), payload: bytes(LINK_MESSAGE_BYTES_MAX) }]
})

export class FifoLinks extends Component<LinkIndications> implements Carrier {
  /** What perfect links indicate, which are made with them. */
  readonly indications: LinkIndications
  #attached: Carrier | undefined
  /** The book's `lsn`: number of the last message sent to each. */
  readonly #lsn = new Map<ProcessId, number>()
  /** The book's `next`, less one: number of the last message delivered from each. */
  readonly #last = new Map<ProcessId, number>()
  readonly #pending = new Map<ProcessId, Map<number, Uint8Array>>()

  constructor(env: Environment, path: string, indications: LinkIndications) {
    super(env, path, indications)
    this.indications = { deliver: (from, message) => this.#onDeliver(from, message) }
  }

  /** Called once, before anything is sent. */
  attach(perfect: Carrier): void {
    this.#attached = perfect
  }

  get #perfect(): Carrier {
    assert(this.#attached !== undefined, 'fifo links are attached to perfect links')
    return this.#attached
  }

  // upon event < fpl, Send | q, m > do: lsn[q] := lsn[q] + 1; trigger < pl, Send | q, [m, lsn[q]] >
  send(to: ProcessId, message: Uint8Array): void {
    const lsn = (this.#lsn.get(to) ?? 0) + 1
    this.#lsn.set(to, lsn)
    this.#perfect.send(to, messages.encode({ type: 'ORDERED', lsn, payload: message }))
  }

  state(): PlainValue {
    return {
      lsn: [...this.#lsn],
      last: [...this.#last],
      pending: [...this.#pending].map(([from, pending]) => [from, [...pending.keys()].sort((a, b) => a - b)])
    }
  }

  // upon event < pl, Deliver | p, [m, sn] > do: pending := pending + (p, m, sn);
  //   while exists (q, n, sn') in pending such that sn' = next[q] do: trigger < fpl, Deliver | q, n >; ...
  #onDeliver(from: ProcessId, encoded: Uint8Array): void {
    const message = messages.decode(encoded)
    if (message === undefined) return
    const pending = this.#pending.get(from) ?? new Map<number, Uint8Array>()
    this.#pending.set(from, pending)
    pending.set(message.lsn, message.payload)
    let next = (this.#last.get(from) ?? 0) + 1
    if (message.lsn > next) this.env.observer.landmark('waited-for-an-earlier-one')
    for (let payload = pending.get(next); payload !== undefined; payload = pending.get(next)) {
      pending.delete(next)
      this.#last.set(from, next++)
      this.indicate.deliver(from, payload)
    }
  }
}
