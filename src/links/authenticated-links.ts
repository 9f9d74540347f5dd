/**
 * Authenticated perfect point-to-point links with sessions (CGR11 Module 2.5, Algorithm 2.4 "Authenticate and
 * Filter", and 2.11 "Sequence Number"), over fair-loss links and a network that the adversary owns.
 *
 * Properties, between two correct processes, **within a session**:
 * - *reliable delivery* (AL1): what one sends, the other delivers, if the session lasts long enough;
 * - *no duplication* (AL2): no message is delivered more than once, nor in a later session, nor in a later life;
 * - *authenticity* (AL3): what is delivered from p was sent by p, to this process, in this session;
 * - *FIFO delivery* (FPL4): in the order of sending.
 *
 * A session ends when either end restarts, or when more than `unackedBytesMax` bytes are outstanding: a link that
 * is reliable, bounded and never blocking cannot exist, and this is where it gives up. Whatever was queued is
 * dropped. `sessionStarted` tells the layer above that a new one has begun, and the layer above re-sends what the
 * peer still needs. Neither replays (of any frame, session or life) nor a change of the transport's connection
 * end a session.
 *
 * What the algorithm of the book leaves open is done so:
 * - *authenticate*: one HMAC-SHA256 per frame under a key per session and direction (Ed25519 by choice); both ends
 *   mix a fresh nonce into it (see handshake.ts), so that the ever-growing set of delivered messages becomes one
 *   number per session;
 * - *many messages, one frame*: what a turn sends leaves as one frame at its end; while the window is full,
 *   messages gather, so that frames grow under load and a lone message does not wait;
 * - *stubborn*: cumulative acknowledgements, and retransmission with exponential backoff.
 *
 * A member has a link to every other process, clients included; a client to the members.
 *
 * Model: fail-arbitrary, any number of Byzantine peers; between two processes nothing depends on a third.
 * Cost: one message, 1/k frames and tags for k messages a frame, an acknowledgement per four frames at most;
 * a session costs 2 round trips, one of them before data may flow.
 * Space: per peer `unackedBytesMax` to send, LINK_REORDER_BYTES_MAX received out of order, one handshake.
 * Durable: the highest life number seen of each member.
 *
 * The caller calls `send` after what the message depends on is durable (ports.ts does), hands in every received
 * frame and the transport's connection events as inputs, and gives the same ports to both ends.
 *
 * Sources: CGR11 2.4.6; Krawczyk, "SIGMA" (2003) for freshness by nonces of both ends; RFC 6298 and RFC 6582 for
 * retransmission.
 */
import { assert } from '../core/assert.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { type ProcessId, peersOf } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { type Authentication, createAuthenticator } from './authenticator.ts'
import type { BudgetBounds } from './budget.ts'
import type { Carrier, CarrierIndications } from './carrier.ts'
import {
  LINK_UNACKED_BYTES_MAX,
  SESSIONLESS_WORK_BURST_US,
  SESSIONLESS_WORK_US_PER_SECOND
} from './constants.ts'
import { CutOff } from './cut-off.ts'
import type { HandshakeInit } from './handshake.ts'
import { Lives } from './lives.ts'
import { OwnLives } from './own-lives.ts'
import { PeerLink } from './peer-link.ts'
import type { Transport } from './transport.ts'

export interface AuthenticatedLinksInit {
  readonly transport: Transport
  /** A hash of what must be the same at both ends; asked for when a handshake needs it, after all ports were opened. */
  readonly fingerprint: (peer: ProcessId) => Uint8Array
  /**
   * The lives before this one that were lived in the same store, the oldest first, at most EARLIER_LIVES_MAX. A peer
   * refuses a life whose store does not remember the one that it has seen.
   */
  readonly earlierLives: readonly number[]
  /** Default: `hmac`. Both ends must use the same. */
  readonly authenticator?: Authentication
  /** Bytes outstanding to one peer above which the session with it ends. Default: LINK_UNACKED_BYTES_MAX. */
  readonly unackedBytesMax?: number
  /** What a peer may make this end do without a session. Default: SESSIONLESS_WORK_US_PER_SECOND and its burst. */
  readonly sessionlessWork?: BudgetBounds
}

const SESSIONLESS_WORK: BudgetBounds = {
  perSecond: SESSIONLESS_WORK_US_PER_SECOND,
  burst: SESSIONLESS_WORK_BURST_US
}

/** What the links to all peers have in common. */
type Shared = Pick<HandshakeInit, 'authenticator' | 'lives' | 'ownLives'>

export interface AuthenticatedLinksIndications extends CarrierIndications {
  /**
   * `peer` has begun again and is refused: it is of another stack, another group or a life that must not go on. The
   * session with it has not ended, since it may be somebody else that spoke.
   */
  estranged?(peer: ProcessId): void
  /** It has shown that it goes on with the session all the same. */
  reconciled?(peer: ProcessId): void
  /** `peer` is connected but has acknowledged nothing for a while, or so little that its session ended. */
  lagging(peer: ProcessId): void
  /** It acknowledges again, or has a new session. */
  recovered(peer: ProcessId): void
  /** Nothing of it is read for so long: it has misbehaved once too often. */
  cutOff?(peer: ProcessId, forMs: number): void
}

export class AuthenticatedLinks extends Component<AuthenticatedLinksIndications> implements Carrier {
  readonly #cutOff: CutOff
  readonly #links = new Map<ProcessId, PeerLink>()
  /** Links with something to send at the end of this turn. */
  readonly #unflushed = new Set<PeerLink>()

  constructor(
    env: Environment,
    path: string,
    init: AuthenticatedLinksInit,
    indications: AuthenticatedLinksIndications
  ) {
    super(env, path, indications)
    this.#cutOff = new CutOff(env.clock, env.crypto.hash)
    const authenticator = createAuthenticator(env, init.authenticator ?? 'hmac')
    const shared = {
      authenticator,
      lives: new Lives(this.store),
      ownLives: new OwnLives(env, init.earlierLives)
    }
    for (const peer of peersOf(env.group, env.self)) this.#links.set(peer, this.#link(peer, init, shared))
    env.onTurnEnd(() => this.#flush())
  }

  /** Begins to ask every peer for a session. An input: called once, in a turn, after the stack is built. */
  start(): void {
    for (const link of this.#links.values()) link.start()
  }

  /** Sends within the current session with `to`; without one, the message is dropped. */
  send(to: ProcessId, message: Uint8Array): void {
    const link = this.#links.get(to)
    assert(link !== undefined, () => `no link leads to ${to}`)
    link.send(message)
  }

  /** The layer above has much of `peer` to take in yet: new frames of it may wait, or be lost and come again. */
  press(peer: ProcessId, isPressed: boolean): void {
    this.#links.get(peer)?.press(isPressed)
  }

  /** To be told of every fault that this process sees, in the turn in which it does. */
  blame(fault: Fault): void {
    const { process } = fault
    const link = this.#links.get(process)
    const forMs = link && this.#cutOff.blame(fault)
    if (link === undefined || forMs === undefined) return
    // What the peer has caused so far is handled to its end first.
    this.env.trigger(() => {
      this.env.observer.landmark('peer-cut-off')
      link.cutOff(forMs)
      this.indicate.cutOff?.(process, forMs)
    })
  }

  /** An input: a frame that the transport says came from `from`. What strangers send is ignored. */
  receive(from: ProcessId, frame: Uint8Array): void {
    this.#links.get(from)?.receive(frame)
  }

  /** An input: the transport has a (new) connection with `peer`. */
  connected(peer: ProcessId): void {
    this.#links.get(peer)?.connected()
  }

  /** An input: the transport's last connection with `peer` is gone. */
  disconnected(peer: ProcessId): void {
    this.#links.get(peer)?.disconnected()
  }

  state(): PlainValue {
    return { links: [...this.#links].map(([peer, link]) => ({ peer, link: link.state() })) }
  }

  #link(peer: ProcessId, init: AuthenticatedLinksInit, shared: Shared): PeerLink {
    const { transport, unackedBytesMax = LINK_UNACKED_BYTES_MAX, sessionlessWork = SESSIONLESS_WORK } = init
    const fingerprint = () => init.fingerprint(peer)
    const { indicate, path, env } = this
    const link: PeerLink = new PeerLink(
      env,
      { path, peer, ...shared, fingerprint, unackedBytesMax, sessionlessWork },
      {
        transmit: (frame) => transport.send(peer, frame),
        press: (isPressed) => transport.press?.(peer, isPressed),
        deliver: (message) => indicate.deliver(peer, message),
        sessionStarted: () => indicate.sessionStarted(peer),
        sessionEnded: (reason) => indicate.sessionEnded(peer, reason),
        estranged: () => indicate.estranged?.(peer),
        reconciled: () => indicate.reconciled?.(peer),
        lagging: () => indicate.lagging(peer),
        recovered: () => indicate.recovered(peer),
        wantsFlush: () => this.#unflushed.add(link)
      }
    )
    return link
  }

  #flush(): void {
    for (const link of this.#unflushed) link.flush()
    this.#unflushed.clear()
  }
}
