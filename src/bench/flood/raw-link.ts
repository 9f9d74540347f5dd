/**
 * The attacker's end of a link: it has valid keys and keeps to the handshake, so that it is listened to, and to nothing
 * that a correct sender holds itself back by. Its frames are as long as a receiver takes, as many are under way as a
 * receiver admits, all that it is sent is acknowledged at once so that more comes, and when a session ends it begins
 * another.
 */
import { concatBytes, sameBytes } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import { createAuthenticator, type Tag } from '../../links/authenticator.ts'
import { LINK_FRAMES_IN_FLIGHT, NONCE_BYTES } from '../../links/constants.ts'
import {
  type End,
  encodeHandshakeContext,
  encodeSessionContext,
  type SessionTerms,
  sessionId,
  wireRank
} from '../../links/contexts.ts'
import { type FrameOf, frames, type Hello, openFrame, sealFrame } from '../../links/frames.ts'
import type { Batch } from './batch.ts'

const PATH = 'links'

interface RawSession {
  readonly id: Uint8Array
  readonly tag: Tag
  sent: number
  acked: number
  received: number
  /** How many messages each frame has that is not acknowledged. */
  readonly underWay: number[]
}

export interface RawCounts {
  /** Written to the stream, or ready to be written when there was no room, in messages; of handshakes in frames. */
  offered: number
  /** Acknowledged, or, of handshakes, answered. */
  takenIn: number
  /** Messages that came back; of handshakes frames. */
  answered: number
  /** Sessions that the other end ended, by lagging for one, and connections that it closed. */
  ended: number
}

export interface RawLinkInit {
  readonly env: Environment
  readonly peer: ProcessId
  readonly fingerprint: Uint8Array
  /** Whether the stream took it. */
  readonly transmit: (frame: Uint8Array) => boolean
}

export class RawLink {
  readonly counts: RawCounts = { offered: 0, takenIn: 0, answered: 0, ended: 0 }
  /** The lower rank; with a client, the member. */
  readonly initiator: boolean
  readonly #init: RawLinkInit
  readonly #own: number
  readonly #theirs: number
  readonly #authenticate: Tag
  #nonce: Uint8Array | undefined
  #candidate: RawSession | undefined
  /** The nonces of the candidate. */
  #offered: { readonly nonce: Uint8Array; readonly echo: Uint8Array } | undefined
  #session: RawSession | undefined
  #connected = false
  /** What the stream has not taken: without it the receiver would wait for ever. */
  #held: Uint8Array | undefined

  constructor(init: RawLinkInit) {
    const { env, peer } = init
    this.#init = init
    this.initiator = env.self < peer
    this.#own = wireRank(env.group, env.self)
    this.#theirs = wireRank(env.group, peer)
    const context = encodeHandshakeContext(PATH, this.#own, this.#theirs)
    this.#authenticate = createAuthenticator(env, 'hmac').outgoing(peer, context)
  }

  get open(): boolean {
    return this.#session !== undefined && this.#connected
  }

  /** Whether the receiver admits another frame, and the stream has taken all there were. */
  get hasRoom(): boolean {
    const session = this.#session
    if (session === undefined || !this.#connected) return false
    if (this.#held !== undefined && this.#init.transmit(this.#held)) this.#held = undefined
    return this.#held === undefined && session.underWay.length < LINK_FRAMES_IN_FLIGHT
  }

  connected(): void {
    this.#connected = true
    this.#session = undefined
    this.#held = undefined
    this.begin()
  }

  disconnected(): void {
    this.#connected = false
    this.counts.ended++
  }

  /** Asks for a session; to be called again while there is none. */
  begin(): void {
    if (!this.#connected || this.open) return
    if (!this.initiator) {
      this.#send({ type: 'WAKE', ...this.#hello() })
      return
    }
    this.#nonce = this.#init.env.random.bytes(NONCE_BYTES)
    this.#send({ type: 'INIT', ...this.#hello(), nonce: this.#nonce })
  }

  write({ list, messages }: Batch): void {
    const session = this.#session
    if (session === undefined) return
    session.sent++
    session.underWay.push(messages)
    const { id, sent: sequence, received: ack } = session
    const empty = frames.encode({ type: 'DATA', session: id, sequence, ack, messages: [] })
    // Its last byte is the empty list.
    const body = concatBytes(empty.subarray(0, -1), list)
    const frame = concatBytes(body, session.tag(body))
    if (!this.#init.transmit(frame)) this.#held = frame
    this.counts.offered += messages
  }

  /** So many were ready, and the pipe was full: they are offered again later, and are others then. */
  heldBack(messages: number): void {
    this.counts.offered += messages
  }

  /** One more beginning of a handshake, of which nothing comes. @returns whether the stream took it */
  writeHandshake(): boolean {
    const { random } = this.#init.env
    const taken = this.initiator
      ? this.#send({ type: 'INIT', ...this.#hello(), nonce: random.bytes(NONCE_BYTES) })
      : this.#send({ type: 'WAKE', ...this.#hello() })
    this.counts.offered++
    return taken
  }

  receive(bytes: Uint8Array): void {
    const frame = openFrame(bytes, 32)?.frame
    switch (frame?.type) {
      case 'INIT':
        this.#onInit(frame)
        break
      case 'ACCEPT':
        this.#onAccept(frame)
        break
      case 'WAKE':
      case 'UNKNOWN':
        this.#lost()
        this.begin()
        break
      case 'CONFIRM':
      case 'ACK':
      case 'DATA':
        this.#onSession(frame)
    }
  }

  #onInit({ nonce, incarnation }: FrameOf<'INIT'>): void {
    if (this.initiator) return
    this.#handshakeAnswered()
    // The same again means the same session.
    if (this.#offered === undefined || !sameBytes(this.#offered.echo, nonce)) {
      const own = this.#init.env.random.bytes(NONCE_BYTES)
      this.#candidate = this.#make(this.#end(this.#theirs, nonce, incarnation), own, this.#init.peer)
      this.#offered = { nonce: own, echo: nonce }
    }
    this.#send({ type: 'ACCEPT', ...this.#hello(), ...this.#offered })
  }

  #onAccept({ nonce, incarnation, echo }: FrameOf<'ACCEPT'>): void {
    this.#handshakeAnswered()
    if (this.#nonce === undefined || !sameBytes(this.#nonce, echo)) return
    const session = this.#make(this.#end(this.#theirs, nonce, incarnation), this.#nonce, this.#init.peer)
    this.#nonce = undefined
    this.#session = session
    this.#init.transmit(sealFrame({ type: 'CONFIRM', session: session.id }, session.tag))
  }

  #handshakeAnswered(): void {
    this.counts.answered++
    this.counts.takenIn++
  }

  #onSession(frame: FrameOf<'CONFIRM' | 'ACK' | 'DATA'>): void {
    const candidate = this.#candidate
    if (candidate !== undefined && sameBytes(candidate.id, frame.session)) {
      this.#lost()
      this.#session = candidate
      this.#candidate = undefined
    }
    const session = this.#session
    if (session === undefined || !sameBytes(session.id, frame.session)) {
      if (!this.initiator) this.#send({ type: 'UNKNOWN', ...this.#hello(), session: frame.session })
      return
    }
    // A member that has a session answers a WAKE by asking whether it is this end's too.
    if (frame.type === 'CONFIRM') this.#handshakeAnswered()
    else this.#acknowledged(session, frame.ack)
    if (frame.type === 'ACK') return
    if (frame.type === 'DATA' && frame.sequence === session.received + 1) {
      session.received++
      this.counts.answered += frame.messages.length
    }
    this.#init.transmit(sealFrame({ type: 'ACK', session: session.id, ack: session.received }, session.tag))
  }

  #acknowledged(session: RawSession, ack: number): void {
    for (; session.acked < ack; session.acked++) this.counts.takenIn += session.underWay.shift() ?? 0
  }

  #lost(): void {
    if (this.#session !== undefined) this.counts.ended++
    this.#session = undefined
    this.#held = undefined
  }

  #make(peer: End, nonce: Uint8Array, process: ProcessId): RawSession {
    const { env, fingerprint } = this.#init
    const own = this.#end(this.#own, nonce, env.incarnation)
    const [initiator, responder] = this.initiator ? [own, peer] : [peer, own]
    const terms: SessionTerms = { path: PATH, group: env.group, fingerprint, initiator, responder }
    const context = encodeSessionContext(terms, this.#own, this.#theirs)
    return {
      id: sessionId(terms, env.crypto.hash),
      tag: createAuthenticator(env, 'hmac').outgoing(process, context),
      sent: 0,
      acked: 0,
      received: 0,
      underWay: []
    }
  }

  #end(rank: number, nonce: Uint8Array, incarnation: number): End {
    return { rank, nonce, incarnation }
  }

  #hello(): Hello {
    const { env, fingerprint } = this.#init
    const { group, incarnation } = env
    return { group: group.id, epoch: group.epoch, fingerprint, incarnation, earlier: [], seen: 0 }
  }

  #send(frame: FrameOf<'INIT' | 'ACCEPT' | 'WAKE' | 'UNKNOWN'>): boolean {
    return this.#init.transmit(sealFrame(frame, this.#authenticate))
  }
}
