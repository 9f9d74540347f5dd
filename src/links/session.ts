/**
 * One session of an authenticated link: its keys, its two windows, and when to acknowledge and to retransmit.
 *
 * A timer only asks "has anything been acknowledged since I was set?", so a clock that drifts or jumps delays a
 * retransmission but breaks nothing.
 */
import { assert } from '../core/assert.ts'
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Authenticator, Tag, Verify } from './authenticator.ts'
import {
  ACK_DELAY_MS,
  ACK_EVERY_FRAMES,
  LAGGING_AFTER_MS,
  WAITING_MESSAGE_OVERHEAD_BYTES
} from './constants.ts'
import { encodeSessionContext, type SessionTerms, sessionId, wireRank } from './contexts.ts'
import { type Frame, type FrameOf, type Proof, type SessionFrame, sealFrame } from './frames.ts'
import { ReceiveWindow } from './receive-window.ts'
import { RoundTrip } from './round-trip.ts'
import { SendWindow } from './send-window.ts'

export interface SessionEvents {
  transmit(frame: Uint8Array): void
  deliver(messages: readonly Uint8Array[]): void
  /**
   * Whether there is room above for so many bytes, each message with its overhead; else the frame is lost, and comes
   * again.
   */
  hasRoom(bytes: number): boolean
  /** There is something to send at the end of this turn. */
  wantsFlush(): void
  /** Whether the transport says that the peer is there (a hint). */
  connected(): boolean
  /** The peer has acknowledged nothing for LAGGING_AFTER_MS. */
  stalled(): void
  /** The peer has acknowledged something. */
  progressed(): void
}

/**
 * What became of a received frame. `idle` is an authentic one that brings nothing new. `violation` is said only of an
 * authenticated frame that no correct peer sends in any schedule: the session's keys are fresh, so neither a replay nor
 * a restart can produce it.
 */
export type Outcome = 'accepted' | 'idle' | 'ignored' | 'unauthentic' | { readonly violation: string }

export class Session {
  readonly id: Uint8Array
  readonly terms: SessionTerms
  readonly openedAt: number
  readonly #env: Environment
  readonly #events: SessionEvents
  readonly #authenticate: Tag
  readonly #verify: Verify
  readonly #out = new SendWindow()
  readonly #in = new ReceiveWindow()
  /** Frames received and not yet acknowledged; duplicates count, since their acknowledgement may be lost. */
  #owed = 0
  #ackNow = false
  #ackTimer: Timer | undefined
  #retransmitTimer: Timer | undefined
  readonly #roundTrip = new RoundTrip()
  /** Timeouts since something was last acknowledged. */
  #timeouts = 0
  /** How long nothing has been acknowledged although frames are in flight and the peer is connected. */
  #stalledMs = 0
  /** Frames up to this number may have been lost with one that was retransmitted. */
  #recovering = 0

  constructor(
    env: Environment,
    peer: ProcessId,
    terms: SessionTerms,
    authenticator: Authenticator,
    events: SessionEvents
  ) {
    this.#env = env
    this.#events = events
    this.terms = terms
    this.openedAt = env.clock.now()
    this.id = sessionId(terms, env.crypto.hash)
    const [own, theirs] = [wireRank(env.group, env.self), wireRank(env.group, peer)]
    this.#authenticate = authenticator.outgoing(peer, encodeSessionContext(terms, own, theirs))
    this.#verify = authenticator.incoming(peer, encodeSessionContext(terms, theirs, own))
  }

  /** Bytes outstanding towards the peer: what overflow is measured by. */
  get outstandingBytes(): number {
    return this.#out.bytes
  }

  send(message: Uint8Array): void {
    this.#out.append(message)
    this.#events.wantsFlush()
  }

  /** Asks the peer whether it has this session too; the third message of the handshake. */
  confirm(): void {
    this.#transmit({ type: 'CONFIRM', session: this.id })
  }

  /** Fills frames while the window is open, then acknowledges what no data frame has acknowledged. */
  flush(): void {
    for (let batch = this.#out.takeBatch(); batch.length > 0; batch = this.#out.takeBatch()) {
      const ack = this.#in.received
      this.#owed = 0
      this.#ackNow = false
      const sequence = this.#out.last + 1
      this.#roundTrip.sent(sequence, this.#env.clock.now())
      this.#out.sent(this.#transmit({ type: 'DATA', session: this.id, sequence, ack, messages: batch }))
    }
    this.#awaitAck()
    if (this.#ackNow) {
      this.#owed = 0
      this.#ackNow = false
      this.#transmit({ type: 'ACK', session: this.id, ack: this.#in.received })
    }
  }

  /** Everything unacknowledged again, at once: the connection is new, and what was under way may be lost. */
  retransmitAll(): void {
    for (const frame of this.#out.unacked) this.#events.transmit(frame)
    this.#roundTrip.reset()
    this.#restartRetransmission()
  }

  /** A frame of this session; `onAuthentic` runs before anything that it causes. Cheap checks first. */
  receive(frame: SessionFrame, { body, tag }: Proof, onAuthentic: () => void): Outcome {
    const admission = frame.type === 'DATA' ? this.#in.admits(frame.sequence, body.length) : 'new'
    if (admission === 'no-room') return 'ignored'
    if (admission === 'duplicate') {
      // Not authenticated, so it may be a replay: all it can cause is one more acknowledgement.
      this.#owe()
      return 'ignored'
    }
    if (!this.#verify(body, tag)) return 'unauthentic'
    if (admission === 'new' && frame.type === 'DATA' && !this.#events.hasRoom(roomOf(frame, body)))
      return 'ignored'
    const violation = this.#violation(frame, admission === 'beyond')
    if (violation !== undefined) return { violation }
    onAuthentic()
    if (frame.type === 'CONFIRM') {
      this.acknowledgeNow()
      return 'idle'
    }
    if (frame.type === 'DATA') {
      this.#in.accept(frame.sequence, frame.messages, body.length, this.#events.deliver)
      this.#owe()
    }
    const progressed = this.#acknowledged(frame.ack)
    return progressed || frame.type === 'DATA' ? 'accepted' : 'idle'
  }

  acknowledgeNow(): void {
    this.#ackNow = true
    this.#events.wantsFlush()
  }

  /** Nothing happens in this session any more. */
  end(): void {
    this.#ackTimer?.cancel()
    this.#retransmitTimer?.cancel()
  }

  state(): PlainValue {
    return {
      id: this.id,
      sent: this.#out.last,
      acked: this.#out.acked,
      queued: this.#out.queued,
      outstandingBytes: this.#out.bytes,
      received: this.#in.received,
      waiting: this.#in.waiting,
      waitingBytes: this.#in.bytes,
      owed: this.#owed,
      stalledMs: this.#stalledMs
    }
  }

  #transmit(frame: Frame): Uint8Array {
    const sealed = sealFrame(frame, this.#authenticate)
    this.#events.transmit(sealed)
    return sealed
  }

  #violation(frame: SessionFrame, beyond: boolean): string | undefined {
    if (frame.type === 'CONFIRM') return undefined
    if (frame.ack > this.#out.last)
      return `acknowledges frame ${frame.ack}; the last sent is ${this.#out.last}`
    return frame.type === 'DATA' ? this.#dataViolation(frame, beyond) : undefined
  }

  #dataViolation({ sequence, messages }: FrameOf<'DATA'>, beyond: boolean): string | undefined {
    if (beyond) return `frame ${sequence} beyond the window; received up to ${this.#in.received}`
    return messages.length === 0 ? `frame ${sequence} holds no message` : undefined
  }

  #owe(): void {
    this.#owed++
    if (this.#owed >= ACK_EVERY_FRAMES) {
      this.acknowledgeNow()
      return
    }
    this.#ackTimer ??= this.#env.clock.setTimer(ACK_DELAY_MS, () => {
      this.#ackTimer = undefined
      if (this.#owed > 0) this.acknowledgeNow()
    })
  }

  /** @returns whether that is news */
  #acknowledged(ack: number): boolean {
    if (!this.#out.acknowledge(ack)) return false
    this.#roundTrip.acknowledged(ack, this.#env.clock.now())
    if (this.#timeouts > 0) this.#restartRetransmission()
    // What left before a lost frame was retransmitted may be lost as well: do not wait for a timeout for each.
    const oldest = this.#out.unacked[0]
    if (oldest !== undefined && ack < this.#recovering) this.#events.transmit(oldest)
    if (this.#out.queued > 0) this.#events.wantsFlush()
    this.#events.progressed()
    return true
  }

  #restartRetransmission(): void {
    this.#retransmitTimer?.cancel()
    this.#retransmitTimer = undefined
    this.#timeouts = 0
    this.#stalledMs = 0
    this.#awaitAck()
  }

  /** Sees to it that a timer runs while frames are in flight: a single one, so that sending sets none. */
  #awaitAck(): void {
    if (this.#retransmitTimer !== undefined || this.#out.unacked.length === 0) return
    const untilLagging = LAGGING_AFTER_MS - this.#stalledMs
    const { timeoutMs } = this.#roundTrip
    const delayMs = untilLagging > 0 ? Math.min(timeoutMs, untilLagging) : timeoutMs
    const ackedBefore = this.#out.acked
    this.#retransmitTimer = this.#env.clock.setTimer(delayMs, () => {
      this.#retransmitTimer = undefined
      if (this.#out.acked === ackedBefore) this.#timedOut(delayMs)
      this.#awaitAck()
    })
  }

  #timedOut(delayMs: number): void {
    const oldest = this.#out.unacked[0]
    assert(oldest !== undefined, 'only what is in flight times out')
    this.#env.observer.landmark('link-retransmission')
    this.#recovering = this.#out.last
    this.#timeouts++
    this.#roundTrip.backOff()
    this.#events.transmit(oldest)
    if (!this.#events.connected()) return
    this.#stalledMs += delayMs
    if (this.#stalledMs >= LAGGING_AFTER_MS) this.#events.stalled()
  }
}

/** What the messages of a frame take while they wait. */
function roomOf({ messages }: FrameOf<'DATA'>, { length }: Uint8Array): number {
  return length + messages.length * WAITING_MESSAGE_OVERHEAD_BYTES
}
