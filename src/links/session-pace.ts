/**
 * How soon one session with a peer may follow another. Each that begins is work for its other end, which sends again
 * what the peer may have missed: a peer that begins one upon the other waits longer and longer, up to
 * HANDSHAKE_RETRY_MAX_MS, which is also the most that a correct one waits whose network fails it again and again. One
 * that restarts a few times does not wait.
 */
import type { Clock } from '../core/clock.ts'
import {
  HANDSHAKE_RETRY_MAX_MS,
  SESSION_AGE_MIN_MS,
  SESSION_FORGOTTEN_MS,
  SESSIONS_AT_ONCE
} from './constants.ts'

export class SessionPace {
  readonly #clock: Clock
  /** Sessions that began, less those that time has made forget; no integer. */
  #recent = 0
  /** When the last one began, by the clock. */
  #begunAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begun(): void {
    const now = this.#clock.now()
    // A clock that was set back forgets nothing.
    const elapsedMs = Math.max(0, now - this.#begunAt)
    this.#recent = Math.max(0, this.#recent - elapsedMs / SESSION_FORGOTTEN_MS) + 1
    this.#begunAt = now
  }

  /** Milliseconds until the next session may begin. */
  get waitMs(): number {
    const age = this.#clock.now() - this.#begunAt
    // A clock that was set back makes nobody wait for ever.
    return age < 0 ? 0 : Math.max(0, this.#spacingMs - age)
  }

  get #spacingMs(): number {
    const doublings = Math.max(0, Math.ceil(this.#recent) - SESSIONS_AT_ONCE)
    return Math.min(HANDSHAKE_RETRY_MAX_MS, SESSION_AGE_MIN_MS * 2 ** doublings)
  }
}
