/**
 * How soon one session with a peer may follow another. Each that begins is work for its other end, which sends again
 * what the peer may have missed: a peer that begins one upon the other waits longer and longer, up to
 * HANDSHAKE_RETRY_MAX_MS, which is also the most that a correct one waits whose network fails it again and again. One
 * that restarts a few times does not wait.
 *
 * Between a member and a client the pace stays what it is: nothing is kept for a client to be sent again, and one that
 * is started anew for each of its operations, by a script, is an honest one.
 */
import type { Clock } from '../core/clock.ts'
import {
  HANDSHAKE_RETRY_MAX_MS,
  SESSION_AGE_MIN_MS,
  SESSION_FORGOTTEN_MS,
  SESSIONS_AT_ONCE
} from './constants.ts'
import { Fading } from './fading.ts'

export class SessionPace {
  readonly #clock: Clock
  readonly #begun: Fading
  /** How long after the last one the next one may begin. */
  #spacingMs = 0
  /** When the last one began, by the clock. */
  #begunAt = Number.NEGATIVE_INFINITY

  readonly #grows: boolean

  /** @param grows - whether a peer waits longer with each session */
  constructor(clock: Clock, grows: boolean) {
    this.#clock = clock
    this.#grows = grows
    this.#begun = new Fading(clock, SESSION_FORGOTTEN_MS)
  }

  begun(): void {
    const doublings = this.#grows ? Math.max(0, this.#begun.add() - SESSIONS_AT_ONCE) : 0
    this.#spacingMs = Math.min(HANDSHAKE_RETRY_MAX_MS, SESSION_AGE_MIN_MS * 2 ** doublings)
    this.#begunAt = this.#clock.now()
  }

  /** Milliseconds until the next session may begin. */
  get waitMs(): number {
    const age = this.#clock.now() - this.#begunAt
    // A clock that was set back makes nobody wait for ever.
    return age < 0 ? 0 : Math.max(0, this.#spacingMs - age)
  }
}
