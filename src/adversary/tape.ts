/**
 * What each peer has said in its current session: to be played to a stack that comes later, which then knows what
 * one that was there all along would know. Space: TAPE_MESSAGES_MAX for each peer.
 */
import type { ProcessId } from '../core/group.ts'
import type { CarrierIndications } from '../links/carrier.ts'

const TAPE_MESSAGES_MAX = 4096

export class Tape implements CarrierIndications {
  readonly #sessions = new Map<ProcessId, Uint8Array[]>()

  sessionStarted(peer: ProcessId): void {
    this.#sessions.set(peer, [])
  }

  sessionEnded(peer: ProcessId): void {
    this.#sessions.delete(peer)
  }

  deliver(from: ProcessId, message: Uint8Array): void {
    const session = this.#sessions.get(from)
    if (session !== undefined && session.length < TAPE_MESSAGES_MAX) session.push(message)
  }

  /** The peers with a session. */
  get peers(): readonly ProcessId[] {
    return [...this.#sessions.keys()]
  }

  /** Plays the session with `peer`, or its first `messages` only. */
  play(peer: ProcessId, to: CarrierIndications, messages = TAPE_MESSAGES_MAX): void {
    const session = this.#sessions.get(peer)
    if (session === undefined) return
    to.sessionStarted(peer)
    for (const message of session.slice(0, messages)) to.deliver(peer, message)
  }
}
