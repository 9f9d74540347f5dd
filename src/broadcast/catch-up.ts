/**
 * Serving peers what they are owed for their reports (windows.ts): of each instance that their window has come to
 * admit, what this process has to say. OWED_BYTES_AT_ONCE are sent, to one peer after the other; then there is a pause,
 * and the rest is sent in later turns: reports of many peers in one turn, each for all that there is, must not make it
 * endless.
 *
 * Until a peer was served up to an instance nothing else that this process says of it is sent there: it will be served
 * with all of it.
 *
 * Space: a number for each peer and sender.
 */
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { OWED_BYTES_AT_ONCE, OWED_LOOK_BYTES, OWED_PAUSE_MS } from './constants.ts'

/** The instances of a sender that are here and that a peer's window admits, and where that window ends. */
export interface Reach {
  readonly from: number
  readonly to: number
  readonly windowEnd: number
}

export interface CatchUpInit {
  readonly env: Environment
  readonly reach: (peer: ProcessId, sender: ProcessId) => Reach
  /** As WindowsClient.owe. */
  readonly owe: (peer: ProcessId, sender: ProcessId, sequence: number) => number
}

export class CatchUp {
  readonly #init: CatchUpInit
  /** For each peer and sender, from where on it was not served yet in this session. */
  readonly #unserved: number[][]
  /** Who is owed something; the first one is next. */
  readonly #owing = new Set<ProcessId>()
  /** Sent since the last pause. */
  #bytes = 0
  #pauses = false

  constructor(init: CatchUpInit) {
    const { env } = init
    this.#init = init
    this.#unserved = env.group.ranks.map(() => env.group.ranks.map(() => 0))
  }

  /** From where on the peer was not served yet. */
  unserved(peer: ProcessId, sender: ProcessId): number {
    return this.#unserved[peer]?.[sender] ?? 0
  }

  /** The session is over: nothing was served in the next one. */
  end(peer: ProcessId): void {
    this.#owing.delete(peer)
    this.#unserved[peer]?.fill(0)
  }

  /** The peer has reported. */
  serve(peer: ProcessId): void {
    this.#owing.add(peer)
    this.#goOn()
  }

  #goOn(): void {
    for (const peer of this.#owing) {
      this.#owing.delete(peer)
      if (this.#serveFrom(peer)) continue
      this.#owing.add(peer)
      break
    }
    if (this.#owing.size === 0 || this.#pauses) return
    this.#pauses = true
    this.#init.env.clock.setTimer(OWED_PAUSE_MS, () => {
      this.#pauses = false
      this.#bytes = 0
      this.#goOn()
    })
  }

  /** @returns whether that was all that the peer is owed */
  #serveFrom(peer: ProcessId): boolean {
    const { env, reach, owe } = this.#init
    const unserved = this.#unserved[peer] ?? []
    return env.group.ranks.every((sender) => {
      const { from, to, windowEnd } = reach(peer, sender)
      let next = Math.max(unserved[sender] ?? 0, from)
      for (; next < to && this.#bytes < OWED_BYTES_AT_ONCE; next++)
        this.#bytes += OWED_LOOK_BYTES + owe(peer, sender, next)
      const isServed = next >= to
      unserved[sender] = isServed ? Math.max(next, windowEnd) : next
      return isServed
    })
  }
}
