/**
 * How two processes begin a session. The lower rank is the initiator, always, so that two ends that start at once
 * do not cross; with a client it is the member.
 *
 *     lower                          higher
 *       |<---------- WAKE ------------|     while it has no session: at start, after an overflow
 *       |--- INIT(b) ---------------->|     b fresh; a candidate session with c fresh; the current one goes on
 *       |<-- ACCEPT(c, echoes b) -----|     b is echoed: the higher rank lives; the session begins here
 *       |--- CONFIRM(session) ------->|     under keys of b and c: the lower rank lives; it begins there
 *       |<-- ACK ---------------------|
 *
 * A frame of a session that the higher rank neither has nor has offered is answered with UNKNOWN(session). The
 * offer for it was made with a nonce that is gone, so the answer is true for ever: replaying it can only end a
 * session that is dead already. An authenticated DATA frame of the candidate confirms it as CONFIRM does, so that
 * a data frame may overtake it.
 *
 * The life in which the other was met is durable before it is told so, by ACCEPT or CONFIRM: it counts on being
 * remembered.
 *
 * A replayed INIT displaces the candidate and nothing else; the session that was being offered is then found
 * UNKNOWN, and the handshake begins again.
 *
 * Lives are numbered, and each says which one came before it in its store. A member is refused by whoever has seen a
 * later life than the one that it goes on from: its folder was emptied, or put back. A client's life is not judged:
 * it keeps nothing for others, and need not have a store.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Authenticator, Tag, Verify } from './authenticator.ts'
import type { Budget } from './budget.ts'
import {
  ANSWERED_BYTE_US,
  HANDSHAKE_RETRY_MAX_MS,
  HANDSHAKE_RETRY_MIN_MS,
  NONCE_BYTES,
  WORK_US
} from './constants.ts'
import { type End, encodeHandshakeContext, type SessionTerms, wireRank } from './contexts.ts'
import { type FrameOf, type HandshakeFrame, type Hello, type Proof, sealFrame } from './frames.ts'
import type { Lives } from './lives.ts'
import { type OwnLives, remembers } from './own-lives.ts'
import { Retry } from './retry.ts'
import type { Session } from './session.ts'

export interface HandshakeInit {
  readonly path: string
  readonly peer: ProcessId
  readonly authenticator: Authenticator
  readonly fingerprint: () => Uint8Array
  readonly lives: Lives
  readonly ownLives: OwnLives
}

export interface HandshakeEvents {
  transmit(frame: Uint8Array): void
  /** A session on these terms, not yet established. */
  open(terms: SessionTerms): Session
  /** Initiator: the peer lives and has offered this session. */
  accepted(session: Session): void
  /** Initiator: the peer says that this session is not its own and never will be. */
  unknown(session: Uint8Array): void
  /** Initiator: the peer has no session. */
  woken(): void
  /** The peer is refused a session, for what it says of itself; or this process is to it, and does not go on. */
  refused(): void
  /** Responder: whether an INIT may open a candidate now. */
  welcomes(nonce: Uint8Array): boolean
}

interface Candidate {
  readonly session: Session
  readonly accept: Uint8Array
}

export class Handshake {
  readonly initiator: boolean
  readonly #env: Environment
  readonly #init: HandshakeInit
  readonly #events: HandshakeEvents
  readonly #authenticate: Tag
  readonly #verify: Verify
  readonly #retry: Retry
  /** What the peer may make this end do without a session; whoever hands in frames looks at it first. */
  readonly #budget: Budget
  /** What `init.fingerprint` gave: it is the same for a life, and not cheap. */
  #fingerprint: Uint8Array | undefined
  /** Initiator: the nonce of the INIT that is under way. */
  #nonce: Uint8Array | undefined
  /** When a refused peer was last told why; milliseconds of this process's clock. */
  #explained = Number.NEGATIVE_INFINITY
  /** Responder: the one session on offer. */
  #candidate: Candidate | undefined

  constructor(env: Environment, init: HandshakeInit, budget: Budget, events: HandshakeEvents) {
    const { path, peer, authenticator } = init
    this.#budget = budget
    this.#env = env
    this.#init = init
    this.#events = events
    this.initiator = env.self < peer
    const [own, theirs] = [wireRank(env.group, env.self), wireRank(env.group, peer)]
    this.#authenticate = authenticator.outgoing(peer, encodeHandshakeContext(path, own, theirs))
    this.#verify = authenticator.incoming(peer, encodeHandshakeContext(path, theirs, own))
    this.#retry = new Retry(env.clock, HANDSHAKE_RETRY_MIN_MS, HANDSHAKE_RETRY_MAX_MS)
  }

  get candidate(): Session | undefined {
    return this.#candidate?.session
  }

  /** Asks for a session, again and again, after a pause in which nothing the peer does begins one. */
  begin(pauseMs = 0): void {
    if (this.initiator) {
      const nonce = this.#env.random.bytes(NONCE_BYTES)
      this.#nonce = nonce
      this.#retry.start(() => this.#send({ type: 'INIT', ...this.#hello(), nonce }), pauseMs)
    } else {
      this.#retry.start(() => this.#send({ type: 'WAKE', ...this.#hello() }), pauseMs)
    }
  }

  /** The peer may just have become reachable: do not wait for the next attempt. */
  hurry(): void {
    this.#retry.hurry()
  }

  /** The peer has shown that it has `session`, the current one: nothing is asked for any more. */
  settled(session: Session): void {
    this.#retry.stop()
    // A frame of the current session may be an old one: it says nothing about a candidate that is on offer.
    if (session === this.#candidate?.session) this.#candidate = undefined
  }

  /** Nothing is asked for, and nothing on offer, until it begins again. */
  stop(): void {
    this.#retry.stop()
    this.#nonce = undefined
    this.#candidate = undefined
  }

  /**
   * Initiator: asks the peer whether it has this session too. To the peer that says in which life this end has met it,
   * and that it remembers.
   */
  confirm(session: Session): void {
    this.#env.whenDurable(() => session.confirm())
  }

  /** Responder: tells that `session` is gone. */
  disown(session: Uint8Array): void {
    const { id: group, epoch } = this.#env.group
    this.#answer(this.#seal({ type: 'UNKNOWN', group, epoch, session }))
  }

  receive(frame: HandshakeFrame, { body, tag }: Proof): Fault | undefined {
    const difference = this.#difference(frame)
    if (difference !== undefined) return this.#refuse(difference)
    this.#budget.spend(this.#init.authenticator.tagUs)
    if (!this.#verify(body, tag)) {
      return this.#suspect(this.#init.authenticator.fault, `${frame.type} is not authentic`)
    }
    this.#budget.spend(WORK_US.handshake)
    const { lives, ownLives, peer } = this.#init
    // It speaks of a session of this life, and names it.
    if (frame.type === 'UNKNOWN') return this.#react(frame)
    if (isMember(this.#env.group, peer)) {
      const refusal = this.#lifeFault(frame, lives.highest(peer))
      if (refusal !== undefined) {
        this.#explain()
        return this.#refuse(refusal)
      }
      lives.raise(peer, frame.incarnation)
    }
    const dispute = ownLives.dispute(peer, frame.seen)
    return dispute === undefined ? this.#react(frame) : this.#refuse(dispute)
  }

  #refuse(fault: Fault): Fault {
    this.#events.refused()
    return fault
  }

  /**
   * Tells a peer that is refused for its life which life was seen: it may be a correct member whose operator emptied
   * or restored its folder. At most once in a while, since the peer may refuse that in turn.
   */
  #explain(): void {
    const now = this.#env.clock.now()
    if (Math.abs(now - this.#explained) < HANDSHAKE_RETRY_MAX_MS) return
    this.#explained = now
    const nonce = this.#env.random.bytes(NONCE_BYTES)
    this.#send(
      this.initiator ? { type: 'INIT', ...this.#hello(), nonce } : { type: 'WAKE', ...this.#hello() }
    )
  }

  /** A life that is older than one already seen, or that has lost what the one before it had stored (rule 13). */
  #lifeFault({ incarnation, earlier }: Hello, highest: number): Fault | undefined {
    if (incarnation < highest) {
      return this.#suspect('stale-life', `speaks in life ${incarnation}; life ${highest} was seen`)
    }
    if (incarnation > highest && !remembers(earlier, highest)) {
      const last = earlier.at(-1)
      const stored = last === undefined ? 'nothing stored' : `what life ${last} had stored`
      return this.#suspect('amnesia', `began life ${incarnation} with ${stored}; life ${highest} was seen`)
    }
    return undefined
  }

  state(): PlainValue {
    return {
      nonce: this.#nonce ?? null,
      candidate: this.#candidate?.session.id ?? null,
      asking: this.#retry.active
    }
  }

  #react(frame: HandshakeFrame): Fault | undefined {
    // The key names the direction, so this is no reflection: only a peer that breaks the protocol does it.
    if ((frame.type === 'INIT') === this.initiator) {
      const detail = `${frame.type} comes from the other end`
      return { process: this.#init.peer, kind: 'protocol-violation', certainty: 'certain', detail }
    }
    if (frame.type === 'INIT') this.#onInit(frame)
    else if (frame.type === 'ACCEPT') this.#onAccept(frame)
    else if (frame.type === 'UNKNOWN') this.#events.unknown(frame.session)
    else this.#events.woken()
    return undefined
  }

  #onInit({ nonce, incarnation }: FrameOf<'INIT'>): void {
    const offered = this.#candidate
    if (offered !== undefined && sameBytes(offered.session.terms.initiator.nonce, nonce)) {
      this.#answer(offered.accept)
      return
    }
    if (this.#retry.paused || !this.#events.welcomes(nonce)) return
    const own = this.#env.random.bytes(NONCE_BYTES)
    const session = this.#open(this.#end(nonce, incarnation), own)
    const accept = this.#seal({ type: 'ACCEPT', ...this.#hello(), nonce: own, echo: nonce })
    this.#candidate = { session, accept }
    this.#answer(accept)
  }

  #onAccept({ nonce, echo, incarnation }: FrameOf<'ACCEPT'>): void {
    if (this.#nonce === undefined || !sameBytes(this.#nonce, echo)) return // a replay, or a second copy
    const session = this.#open(this.#end(nonce, incarnation), this.#nonce)
    this.#nonce = undefined
    this.#events.accepted(session)
    this.#retry.start(() => this.confirm(session))
  }

  #open(peer: End, ownNonce: Uint8Array): Session {
    const { group, self, incarnation } = this.#env
    const own = { rank: wireRank(group, self), nonce: ownNonce, incarnation }
    const [initiator, responder] = this.initiator ? [own, peer] : [peer, own]
    const { path } = this.#init
    return this.#events.open({ path, group, fingerprint: this.#stack, initiator, responder })
  }

  /** The peer's end of a session. */
  #end(nonce: Uint8Array, incarnation: number): End {
    return { rank: wireRank(this.#env.group, this.#init.peer), nonce, incarnation }
  }

  /** The fingerprint of the stack: asked for when it is first needed, after all ports were opened. */
  get #stack(): Uint8Array {
    this.#fingerprint ??= this.#init.fingerprint()
    return this.#fingerprint
  }

  #hello(): Hello {
    const { group, incarnation } = this.#env
    const { lives, ownLives, peer } = this.#init
    const seen = lives.highest(peer)
    const { earlier } = ownLives
    return { group: group.id, epoch: group.epoch, fingerprint: this.#stack, incarnation, earlier, seen }
  }

  /** What the two ends do not agree on. Said in clear and before the tag is checked: keys may differ as well. */
  #difference(frame: HandshakeFrame): Fault | undefined {
    const { id, epoch } = this.#env.group
    if (!sameBytes(frame.group, id)) {
      return this.#suspect('wrong-group', `speaks of group ${toHex(frame.group)}, not ${toHex(id)}`)
    }
    if (frame.epoch !== epoch) {
      return this.#suspect('wrong-group', `speaks of epoch ${frame.epoch}, not ${epoch}`)
    }
    if (frame.type !== 'UNKNOWN' && !sameBytes(frame.fingerprint, this.#stack)) {
      const prints = `${toHex(frame.fingerprint)}, not ${toHex(this.#stack)}`
      return this.#suspect(
        'protocol-violation',
        `runs another stack: the fingerprint of its ports is ${prints}`
      )
    }
    return undefined
  }

  #suspect(kind: Fault['kind'], detail: string): Fault {
    return { process: this.#init.peer, kind, certainty: 'suspected', detail }
  }

  #seal(frame: HandshakeFrame): Uint8Array {
    return sealFrame(frame, this.#authenticate)
  }

  #send(frame: HandshakeFrame): void {
    this.#transmit(this.#seal(frame))
  }

  /** The peer has asked for it. */
  #answer(frame: Uint8Array): void {
    this.#budget.spend(this.#init.authenticator.tagUs + frame.length * ANSWERED_BYTE_US)
    this.#transmit(frame)
  }

  /** As {@link confirm}: it depends on the peer's life number, which may have been written in this turn. */
  #transmit(frame: Uint8Array): void {
    this.#env.whenDurable(() => this.#events.transmit(frame))
  }
}
