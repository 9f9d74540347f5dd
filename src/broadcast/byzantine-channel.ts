/**
 * Byzantine consistent channel and Byzantine reliable channel (CGR11 Algorithms 3.19 and 3.20, Modules 3.13 and
 * 3.14): a stream of messages from each sender, delivered in the sender's order.
 *
 * Requests:    broadcast(payload), acknowledge(sender, label)
 * Indications: deliver(sender, label, payload), gap(sender, from, to), ready()
 *
 * The book runs one instance of a broadcast after another for each sender and labels what they deliver; here the
 * broadcast below is numbered already, several of its instances run at once, and the channel puts them back in
 * order. The label is the sequence number. Over authenticated echo or signed echo this is the consistent channel
 * (validity, no duplication, integrity, consistency for each label), over double echo the reliable one (totality
 * too). Beyond the book, labels of one sender are delivered in ascending order, without holes but for a `gap`.
 *
 * Model and cost: those of the broadcast below. Space: what is delivered out of order below, at most one window of
 * payloads for each sender.
 */
import { assert } from '../core/assert.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { BroadcastIndications } from './numbered-broadcast.ts'

export interface ChannelIndications {
  deliver(sender: ProcessId, label: number, payload: Uint8Array): void
  gap(sender: ProcessId, from: number, to: number): void
  ready(): void
}

/** What a channel needs of the broadcast below it. */
export interface ChannelBroadcast {
  broadcast(payload: Uint8Array, accepted?: () => void): number
  acknowledge(sender: ProcessId, sequence: number): void
  base(sender: ProcessId): number
  /**
   * From where on it delivers: everything below was delivered and acknowledged, whether or not the base has come to it.
   */
  undelivered(sender: ProcessId): number
}

interface Stream {
  /** The label to deliver next. */
  next: number
  /** Delivered below, out of order. */
  readonly early: Map<number, Uint8Array>
  /** Gaps above `next`, by where they begin. */
  readonly gaps: Map<number, number>
}

export class ByzantineChannel extends Component<ChannelIndications> {
  /** What the broadcast indicates, which is made with them. */
  readonly indications: BroadcastIndications
  #attached: ChannelBroadcast | undefined
  readonly #streams: Stream[] = []

  constructor(env: Environment, path: string, indications: ChannelIndications) {
    super(env, path, indications)
    this.indications = {
      deliver: (sender, sequence, payload) => this.#onDeliver(sender, sequence, payload),
      gap: (sender, from, to) => this.#onGap(sender, from, to),
      ready: () => this.indicate.ready()
    }
  }

  /** Called once, before anything is requested. */
  attach(broadcast: ChannelBroadcast): void {
    this.#attached = broadcast
    // What was delivered and acknowledged before a restart is not delivered again, though the base may wait below it.
    for (const sender of this.env.group.ranks) {
      this.#streams.push({ next: broadcast.undelivered(sender), early: new Map(), gaps: new Map() })
    }
  }

  get #broadcast(): ChannelBroadcast {
    assert(this.#attached !== undefined, 'a channel is attached to a broadcast')
    return this.#attached
  }

  /** See NumberedBroadcast.broadcast. @returns the label */
  broadcast(payload: Uint8Array, accepted?: () => void): number {
    return this.#broadcast.broadcast(payload, accepted)
  }

  acknowledge(sender: ProcessId, label: number): void {
    this.#broadcast.acknowledge(sender, label)
  }

  #onDeliver(sender: ProcessId, sequence: number, payload: Uint8Array): void {
    const stream = this.#stream(sender)
    assert(sequence >= stream.next, 'a broadcast delivers an instance once')
    stream.early.set(sequence, payload)
    this.#advance(sender, stream)
  }

  #onGap(sender: ProcessId, from: number, to: number): void {
    const stream = this.#stream(sender)
    stream.gaps.set(from, to)
    this.#advance(sender, stream)
  }

  #advance(sender: ProcessId, stream: Stream): void {
    for (;;) {
      const payload = stream.early.get(stream.next)
      const to = stream.gaps.get(stream.next)
      if (payload !== undefined) {
        stream.early.delete(stream.next)
        this.indicate.deliver(sender, stream.next, payload)
        stream.next++
      } else if (to !== undefined) {
        stream.gaps.delete(stream.next)
        this.indicate.gap(sender, stream.next, to)
        stream.next = to
      } else return
    }
  }

  #stream(sender: ProcessId): Stream {
    const stream = this.#streams[sender]
    assert(stream !== undefined, () => `a member's rank, not ${sender}`)
    return stream
  }

  override state(): PlainValue {
    return this.#streams.map(({ next, early, gaps }) => ({
      next,
      early: [...early.keys()].sort((a, b) => a - b),
      gaps: [...gaps].sort(([a], [b]) => a - b)
    }))
  }
}
