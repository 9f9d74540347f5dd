/**
 * Stubborn links (CGR11 Module 2.2, Algorithm 2.1 "Retransmit Forever"), over fair-loss links.
 *
 * Properties:
 * - *stubborn delivery* (SL1): what a correct process sends to a correct process is delivered again and again,
 *   here: until the receiver has acknowledged it, so at least once;
 * - *no creation* (SL2): nothing is delivered that was not sent.
 *
 * The book's set `sent` grows for ever. Here a message leaves it when it is acknowledged, or obsolete because its
 * receiver is given up: a process that leaves STUBBORN_WINDOW messages or STUBBORN_BYTES_MAX unacknowledged is
 * treated as crashed, and nothing is sent to it any more. (A whole link is given up rather than one message, so
 * that what is delivered has no holes for that reason.)
 *
 * Model: crash-stop; a process that crashes does not come back. No authentication: see authenticated-links.ts.
 * Cost: 2 messages (one acknowledgement), and 2 more for each period that either is lost.
 * Space: STUBBORN_WINDOW messages and STUBBORN_BYTES_MAX per peer.
 */
import { assert } from '../core/assert.ts'
import type { Timer } from '../core/clock.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { defineMessages } from '../core/messages.ts'
import { bytes, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Carrier } from './carrier.ts'
import { LINK_MESSAGE_BYTES_MAX, LINK_MESSAGE_OVERHEAD_BYTES, LINK_RUNG_BYTES_MAX } from './constants.ts'
import type { Transport } from './transport.ts'

/** Period of retransmission (the book's Delta). */
export const STUBBORN_PERIOD_MS = 200

/** How far the newest message to a peer may be ahead of the oldest one that it has not acknowledged. */
export const STUBBORN_WINDOW = 4096

/** Unacknowledged bytes per peer. */
export const STUBBORN_BYTES_MAX = 8 * 1024 * 1024

export interface LinkIndications {
  deliver(from: ProcessId, message: Uint8Array): void
}

const messages = defineMessages({
  MESSAGE: [0, { number: uint(), payload: bytes(LINK_MESSAGE_BYTES_MAX + 2 * LINK_RUNG_BYTES_MAX) }],
  ACK: [1, { number: uint() }]
})

/** What is being sent to one peer. */
interface Sending {
  /** The book's `sent`: unacknowledged frames by number, oldest first. */
  readonly sent: Map<number, Uint8Array>
  bytes: number
  last: number
  givenUp: boolean
}

export class StubbornLinks extends Component<LinkIndications> implements Carrier {
  readonly #transport: Transport
  readonly #peers = new Map<ProcessId, Sending>()
  #timer: Timer | undefined

  constructor(env: Environment, path: string, transport: Transport, indications: LinkIndications) {
    super(env, path, indications)
    this.#transport = transport
    for (const peer of env.group.ranks) {
      if (peer !== env.self) this.#peers.set(peer, { sent: new Map(), bytes: 0, last: 0, givenUp: false })
    }
  }

  // upon event < sl, Send | q, m > do: trigger < fll, Send | q, m >; sent := sent + (q, m)
  send(to: ProcessId, message: Uint8Array): void {
    const peer = this.#peers.get(to)
    assert(peer !== undefined, () => `a link leads to another member, not to ${to}`)
    if (peer.givenUp) return
    const number = ++peer.last
    const frame = messages.encode({ type: 'MESSAGE', number, payload: message })
    peer.sent.set(number, frame)
    peer.bytes += frame.length + LINK_MESSAGE_OVERHEAD_BYTES
    const oldest = peer.sent.keys().next().value ?? number
    if (number - oldest >= STUBBORN_WINDOW || peer.bytes > STUBBORN_BYTES_MAX) {
      this.#giveUp(to, peer)
      return
    }
    this.#transport.send(to, frame)
    this.#startTimer()
  }

  /** An input: a frame from the fair-loss links. */
  receive(from: ProcessId, frame: Uint8Array): void {
    const { group, self, observer } = this.env
    if (!isMember(group, from) || from === self) return
    const message = messages.decode(frame)
    if (message === undefined) {
      observer.fault({ process: from, kind: 'malformed', certainty: 'suspected', detail: 'not a link frame' })
    } else if (message.type === 'ACK') {
      this.#acknowledged(from, message.number)
    } else {
      // upon event < fll, Deliver | p, m > do: trigger < sl, Deliver | p, m >
      this.#transport.send(from, messages.encode({ type: 'ACK', number: message.number }))
      this.indicate.deliver(from, message.payload)
    }
  }

  state(): PlainValue {
    return [...this.#peers].map(([peer, { sent, last, givenUp }]) => ({
      peer,
      unacknowledged: [...sent.keys()],
      last,
      givenUp
    }))
  }

  #acknowledged(from: ProcessId, number: number): void {
    const peer = this.#peers.get(from)
    const frame = peer?.sent.get(number)
    if (peer === undefined || frame === undefined) return
    peer.sent.delete(number)
    peer.bytes -= frame.length + LINK_MESSAGE_OVERHEAD_BYTES
  }

  #giveUp(process: ProcessId, peer: Sending): void {
    peer.givenUp = true
    peer.sent.clear()
    peer.bytes = 0
    const detail = 'leaves a whole window unacknowledged; treated as crashed'
    this.env.observer.fault({ process, kind: 'lagging', certainty: 'suspected', detail })
  }

  // upon event < Timeout > do: forall (q, m) in sent do trigger < fll, Send | q, m >; starttimer(Delta)
  #startTimer(): void {
    this.#timer ??= this.env.clock.setTimer(STUBBORN_PERIOD_MS, () => {
      this.#timer = undefined
      for (const [to, { sent }] of this.#peers) {
        for (const frame of sent.values()) this.#transport.send(to, frame)
        if (sent.size === 0) continue
        this.env.observer.landmark('retransmitted')
        this.#startTimer()
      }
    })
  }
}
