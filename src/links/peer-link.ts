/**
 * The authenticated link to one peer: at most one session, the handshake for the next, and what ends a session.
 */
import { assert } from '../core/assert.ts'
import { sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import type { PlainValue } from '../core/trace.ts'
import {
  HANDSHAKE_RETRY_MAX_MS,
  INTAKE_OVERRUN_BYTES_MAX,
  LINK_FRAME_BYTES_MAX,
  LINK_MESSAGE_BYTES_MAX,
  SESSION_AGE_MIN_MS
} from './constants.ts'
import { isSessionFrame, openFrame, type Proof, type SessionFrame } from './frames.ts'
import { Handshake, type HandshakeInit } from './handshake.ts'
import { Session } from './session.ts'

export interface PeerLinkInit extends HandshakeInit {
  readonly unackedBytesMax: number
}

export interface PeerLinkEvents {
  transmit(frame: Uint8Array): void
  deliver(message: Uint8Array): void
  sessionStarted(): void
  sessionEnded(reason: string): void
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
  #session: Session | undefined
  #connected = false
  #lagging = false
  /** While the layer above has much to take in: the bytes that are accepted all the same. */
  #overrun: number | undefined

  constructor(env: Environment, init: PeerLinkInit, events: PeerLinkEvents) {
    this.#env = env
    this.#init = init
    this.#events = events
    this.#handshake = new Handshake(env, init, {
      transmit: events.transmit,
      open: (terms) => this.#open(terms),
      accepted: (session) => this.#establish(session),
      unknown: (id) => this.#onUnknown(id),
      woken: () => this.#onWoken(),
      welcomes: (nonce) => this.#welcomes(nonce)
    })
  }

  start(): void {
    this.#handshake.begin()
  }

  send(message: Uint8Array): void {
    assert(message.length <= LINK_MESSAGE_BYTES_MAX, `a message has at most ${LINK_MESSAGE_BYTES_MAX} bytes`)
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
  }

  receive(bytes: Uint8Array): void {
    const { authenticator } = this.#init
    const received =
      bytes.length <= LINK_FRAME_BYTES_MAX ? openFrame(bytes, authenticator.tagBytes) : undefined
    if (received === undefined) {
      this.#suspect('malformed', `a frame of ${bytes.length} bytes that no encoder made`)
    } else if (isSessionFrame(received.frame)) {
      this.#onSessionFrame(received.frame, received.proof)
    } else {
      const fault = this.#handshake.receive(received.frame, received.proof)
      if (fault !== undefined) this.#env.observer.fault(fault)
    }
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

  #onSessionFrame(frame: SessionFrame, proof: Proof): void {
    const candidate = this.#handshake.candidate
    const session = [this.#session, candidate].find((known) => known && sameBytes(known.id, frame.session))
    if (session === undefined) {
      // The initiator is never without a session unless it is asking for one.
      if (!this.#handshake.initiator) this.#handshake.disown(frame.session)
      return
    }
    const outcome = session.receive(frame, proof, () => this.#proven(session))
    if (outcome === 'unauthentic') {
      this.#suspect(this.#init.authenticator.fault, `${frame.type} is not authentic`)
    } else if (typeof outcome === 'object') {
      const fault = { process: this.#init.peer, detail: outcome.violation }
      this.#env.observer.fault({ ...fault, kind: 'protocol-violation', certainty: 'certain' })
    }
  }

  /** The peer has used a key of `session`, into which this end put a fresh nonce: it lives, in that session. */
  #proven(session: Session): void {
    if (session !== this.#session) {
      this.#establish(session)
      session.acknowledgeNow()
    }
    this.#handshake.settled(session)
  }

  #establish(session: Session): void {
    if (this.#session !== undefined) this.#end('replaced')
    this.#session = session
    const { observer } = this.#env
    if (observer.tracing) observer.event({ kind: 'session', peer: this.#init.peer, change: 'started' })
    this.#events.sessionStarted()
    this.#progressed()
  }

  #end(reason: string): void {
    assert(this.#session !== undefined, 'only a session that began ends')
    this.#session.end()
    this.#session = undefined
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
    const young = this.#isYoung(this.#session)
    this.#end('unknown')
    this.#handshake.begin(young ? SESSION_AGE_MIN_MS : 0)
  }

  #onWoken(): void {
    if (this.#session === undefined) this.#handshake.hurry()
    else this.#session.confirm()
  }

  #welcomes(nonce: Uint8Array): boolean {
    if (this.#session === undefined) return true
    return !sameBytes(this.#session.terms.initiator.nonce, nonce) && !this.#isYoung(this.#session)
  }

  #isYoung({ openedAt }: Session): boolean {
    const age = this.#env.clock.now() - openedAt
    return age >= 0 && age < SESSION_AGE_MIN_MS // a clock that jumped back makes nothing young for ever
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
