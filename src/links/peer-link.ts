/**
 * The authenticated link to one peer: at most one session, the handshake for the next, and what ends a session.
 */
import { assert } from '../core/assert.ts'
import { sameBytes } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { isMember } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { Budget, type BudgetBounds } from './budget.ts'
import {
  ANSWERED_BYTE_US,
  HANDSHAKE_RETRY_MAX_MS,
  INTAKE_OVERRUN_BYTES_MAX,
  LINK_FRAME_BYTES_MAX,
  LINK_MESSAGE_BYTES_MAX,
  WORK_US
} from './constants.ts'
import { claimedSession, isSessionFrame, type Opened, openFrame } from './frames.ts'
import { Handshake, type HandshakeInit } from './handshake.ts'
import { Session } from './session.ts'
import { SessionPace } from './session-pace.ts'

export interface PeerLinkInit extends HandshakeInit {
  readonly unackedBytesMax: number
  readonly sessionlessWork: BudgetBounds
}

export interface PeerLinkEvents {
  transmit(frame: Uint8Array): void
  /** See {@link Transport.press}. */
  press(isPressed: boolean): void
  deliver(message: Uint8Array): void
  sessionStarted(): void
  sessionEnded(reason: string): void
  estranged(): void
  reconciled(): void
  lagging(): void
  recovered(): void
  /** {@link PeerLink.flush} is to be called at the end of this turn. */
  wantsFlush(): void
}

export class PeerLink {
  readonly #env: Environment
  readonly #init: PeerLinkInit
  readonly #events: PeerLinkEvents
  readonly #handshake: Handshake
  readonly #pace: SessionPace
  /** For frames that are not of its session, or bring it nothing. */
  readonly #budget: Budget
  /** Until that is filled again, no more frames are wanted. */
  #resting: Timer | undefined
  #pressed = false
  /** Whether its frames are dropped because that is spent. */
  #floods = false
  #session: Session | undefined
  /** It is cut off until then: nothing of it is read, and nothing begins with it. */
  #cutOff: Timer | undefined
  #connected = false
  /** The peer was refused another session since it last showed that it has this one. */
  #estranged = false
  #lagging = false
  /** While the layer above has much to take in: the bytes that are accepted all the same. */
  #overrun: number | undefined

  constructor(env: Environment, init: PeerLinkInit, events: PeerLinkEvents) {
    this.#env = env
    this.#init = init
    this.#events = events
    const { group, self } = env
    this.#pace = new SessionPace(env.clock, isMember(group, self) && isMember(group, init.peer))
    this.#budget = new Budget(env.clock, init.sessionlessWork)
    this.#handshake = new Handshake(env, init, this.#budget, {
      transmit: events.transmit,
      open: (terms) => this.#open(terms),
      accepted: (session) => this.#establish(session),
      unknown: (id) => this.#onUnknown(id),
      woken: () => this.#onWoken(),
      refused: () => this.#onRefused(),
      welcomes: (nonce) => this.#welcomes(nonce)
    })
  }

  start(): void {
    this.#handshake.begin()
  }

  /** Has nothing to do with the peer for a while. */
  cutOff(forMs: number): void {
    if (this.#session !== undefined) this.#end('cut-off')
    this.#handshake.stop()
    this.#cutOff?.cancel()
    this.#cutOff = this.#env.clock.setTimer(forMs, () => {
      this.#cutOff = undefined
      this.#handshake.begin()
    })
  }

  send(message: Uint8Array): void {
    assert(
      message.length <= LINK_MESSAGE_BYTES_MAX,
      () => `a message has at most ${LINK_MESSAGE_BYTES_MAX} bytes`
    )
    const session = this.#session
    if (session === undefined) return
    session.send(message)
    if (session.outstandingBytes > this.#init.unackedBytesMax) this.#overflow()
  }

  flush(): void {
    this.#session?.flush()
  }

  connected(): void {
    this.#connected = true
    this.#session?.retransmitAll()
    this.#handshake.hurry()
  }

  disconnected(): void {
    this.#connected = false
  }

  press(isPressed: boolean): void {
    this.#overrun = isPressed ? INTAKE_OVERRUN_BYTES_MAX : undefined
    this.#pressTransport()
  }

  /**
   * Frames of the session, or of the one on offer, are always read; all others as far as the budget goes. Where the
   * budget is spent, more of either kind has to wait at the peer, if the transport can make it.
   */
  receive(bytes: Uint8Array): void {
    if (this.#cutOff !== undefined) return
    const claimed = claimedSession(bytes, this.#init.authenticator.tagBytes)
    const session = claimed && this.#sessionOf(claimed)
    if (session !== undefined) this.#ofSession(session, bytes)
    else if (!this.#isSpent()) this.#ofNone(claimed, bytes)
    this.#restIfSpent()
  }

  state(): PlainValue {
    return {
      session: this.#session?.state() ?? null,
      handshake: this.#handshake.state(),
      life: this.#init.lives.highest(this.#init.peer),
      connected: this.#connected,
      lagging: this.#lagging
    }
  }

  #open(terms: Session['terms']): Session {
    return new Session(this.#env, this.#init.peer, terms, this.#init.authenticator, {
      transmit: this.#events.transmit,
      deliver: (messages) => {
        for (const message of messages) this.#events.deliver(message)
      },
      hasRoom: (bytes) => this.#hasRoom(bytes),
      wantsFlush: this.#events.wantsFlush,
      connected: () => this.#connected,
      stalled: () => this.#stalled(),
      progressed: () => this.#progressed()
    })
  }

  /** Whether a frame of so many bytes may be accepted now. */
  #hasRoom(bytes: number): boolean {
    if (this.#overrun === undefined) return true
    if (bytes > this.#overrun) {
      this.#env.observer.landmark('link-overrun')
      return false
    }
    this.#overrun -= bytes
    return true
  }

  #sessionOf(id: Uint8Array): Session | undefined {
    return [this.#session, this.#handshake.candidate].find((known) => known && sameBytes(known.id, id))
  }

  /** Whether more was offered without a session than is read. */
  #isSpent(): boolean {
    const { isSpent } = this.#budget
    if (isSpent && !this.#floods)
      this.#suspect('flooding', 'sends more frames outside a session than are read')
    this.#floods = isSpent
    return isSpent
  }

  #restIfSpent(): void {
    if (this.#resting !== undefined || !this.#budget.isSpent) return
    this.#resting = this.#env.clock.setTimer(this.#budget.waitMs, () => {
      this.#resting = undefined
      this.#pressTransport()
    })
    this.#pressTransport()
  }

  #pressTransport(): void {
    const isPressed = this.#overrun !== undefined || this.#resting !== undefined
    if (isPressed === this.#pressed) return
    this.#pressed = isPressed
    this.#events.press(isPressed)
  }

  #opened(bytes: Uint8Array): Opened | undefined {
    const opened =
      bytes.length <= LINK_FRAME_BYTES_MAX ? openFrame(bytes, this.#init.authenticator.tagBytes) : undefined
    if (opened === undefined) {
      this.#suspect('malformed', `a frame of ${bytes.length} bytes that no encoder made`)
    }
    return opened
  }

  /** A frame of no session, or of one that is not ours: `claimed`. */
  #ofNone(claimed: Uint8Array | undefined, bytes: Uint8Array): void {
    this.#budget.spend(WORK_US.frame)
    if (claimed !== undefined) {
      // The initiator is never without a session unless it is asking for one.
      if (!this.#handshake.initiator) this.#handshake.disown(claimed)
      return
    }
    const opened = this.#opened(bytes)
    if (opened === undefined || isSessionFrame(opened.frame)) return
    const fault = this.#handshake.receive(opened.frame, opened.proof)
    if (fault !== undefined) this.#env.observer.fault(fault)
  }

  #ofSession(session: Session, bytes: Uint8Array): void {
    const opened = this.#opened(bytes)
    if (opened !== undefined && this.#onSessionFrame(session, opened)) return
    this.#budget.spend(WORK_US.frame + this.#init.authenticator.tagUs + bytes.length * ANSWERED_BYTE_US)
  }

  /** @returns whether it brought something */
  #onSessionFrame(session: Session, { frame, proof }: Opened): boolean {
    if (!isSessionFrame(frame)) return false
    const outcome = session.receive(frame, proof, () => this.#proven(session))
    if (outcome === 'unauthentic') {
      this.#suspect(this.#init.authenticator.fault, `${frame.type} is not authentic`)
    } else if (typeof outcome === 'object') {
      const fault = { process: this.#init.peer, detail: outcome.violation }
      this.#env.observer.fault({ ...fault, kind: 'protocol-violation', certainty: 'certain' })
    }
    return outcome === 'accepted'
  }

  /** The peer has used a key of `session`, into which this end put a fresh nonce: it lives, in that session. */
  #proven(session: Session): void {
    if (session !== this.#session) {
      this.#establish(session)
      session.acknowledgeNow()
    } else if (this.#estranged) {
      this.#estranged = false
      this.#events.reconciled()
    }
    this.#handshake.settled(session)
  }

  #establish(session: Session): void {
    if (this.#session !== undefined) this.#end('replaced')
    this.#session = session
    this.#pace.begun()
    const { observer } = this.#env
    if (observer.tracing) observer.event({ kind: 'session', peer: this.#init.peer, change: 'started' })
    this.#events.sessionStarted()
    this.#progressed()
  }

  #end(reason: string): void {
    assert(this.#session !== undefined, 'only a session that began ends')
    this.#session.end()
    this.#session = undefined
    this.#estranged = false
    const { observer } = this.#env
    if (observer.tracing) observer.event({ kind: 'session', peer: this.#init.peer, change: 'ended', reason })
    observer.landmark(`link-session-${reason}`)
    this.#events.sessionEnded(reason)
  }

  /** The peer does not take what it is sent. The next session waits, so that this does not spin. */
  #overflow(): void {
    this.#suspect('lagging', `has more than ${this.#init.unackedBytesMax} bytes unacknowledged`)
    this.#stalled()
    this.#end('overflow')
    this.#handshake.begin(HANDSHAKE_RETRY_MAX_MS)
  }

  #onUnknown(id: Uint8Array): void {
    if (this.#session === undefined || !sameBytes(this.#session.id, id)) return
    this.#end('unknown')
    this.#handshake.begin(this.#pace.waitMs)
  }

  #onWoken(): void {
    if (this.#session === undefined) this.#handshake.hurry()
    else this.#handshake.confirm(this.#session)
  }

  /** Who asks for a session has none; and frames may still be under way that it sent when it had this one. */
  #onRefused(): void {
    if (this.#session === undefined || this.#estranged) return
    this.#estranged = true
    this.#events.estranged()
  }

  #welcomes(nonce: Uint8Array): boolean {
    if (this.#session === undefined) return true
    return !sameBytes(this.#session.terms.initiator.nonce, nonce) && this.#pace.waitMs === 0
  }

  #stalled(): void {
    if (this.#lagging) return
    this.#lagging = true
    this.#events.lagging()
  }

  #progressed(): void {
    if (!this.#lagging) return
    this.#lagging = false
    this.#events.recovered()
  }

  #suspect(kind: Fault['kind'], detail: string): void {
    this.#env.observer.fault({ process: this.#init.peer, kind, certainty: 'suspected', detail })
  }
}
