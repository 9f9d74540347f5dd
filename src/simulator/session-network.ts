/**
 * Ideal links: the abstraction that authenticated-links.ts implements, without its frames. Sessions between each
 * pair, authentic and, unless choices say otherwise, reliable, in order and without duplicates while they last;
 * latencies, partitions and the ends of sessions are choices. Many times faster than the whole tower, which `--links
 * real` runs instead.
 */
import { assert } from '../core/assert.ts'
import type { ProcessId } from '../core/group.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import type { NetworkInit } from './network.ts'
import { LATENCY_US } from './schedule.ts'

/** What the network needs of an attached process. */
export interface Endpoint {
  /** Runs `handler` as an input of the process. */
  input(handler: () => void): void
  readonly indications: CarrierIndications
}

/** One direction of a pair. */
interface Direction {
  readonly precedence: number
  /** Messages sent so far, and sessions begun at the receiver. */
  messages: number
  sessions: number
  /** When the last message sent so far arrives: what is sent later arrives later. */
  lastArrival: number
}

interface Pair {
  readonly low: ProcessId
  readonly high: ProcessId
  /** Number of the current session; messages of an earlier one are dropped. 0 before the first. */
  session: number
  up: boolean
}

export class SessionNetwork {
  readonly #init: NetworkInit
  readonly #endpoints: (Endpoint | undefined)[]
  readonly #directions: readonly Direction[][]
  readonly #pairs: readonly Pair[][]

  constructor(init: NetworkInit) {
    const { n, eventOrder } = init
    this.#init = init
    this.#endpoints = Array.from({ length: n }, () => undefined)
    this.#directions = Array.from({ length: n }, (_, from) =>
      Array.from({ length: n }, (_, to) => ({
        precedence: eventOrder.link(from, to),
        messages: 0,
        sessions: 0,
        lastArrival: 0
      }))
    )
    this.#pairs = Array.from({ length: n }, (_, low) =>
      Array.from({ length: n }, (_, high) => ({ low, high, session: 0, up: false }))
    )
  }

  /** The process is there (again): sessions with all others that are there begin. */
  attach(id: ProcessId, endpoint: Endpoint): void {
    this.#endpoints[id] = endpoint
    this.#endpoints.forEach((other, peer) => {
      if (peer !== id && other !== undefined) this.#begin(this.#pair(id, peer))
    })
  }

  /** The process is gone: its sessions end, and what is on its way is lost. */
  detach(id: ProcessId): void {
    this.#endpoints[id] = undefined
    this.#endpoints.forEach((_, peer) => {
      if (peer !== id) this.#end(this.#pair(id, peer), 'peer gone')
    })
  }

  /**
   * Ends the session between two processes, as an overflow does; a new one begins soon. @returns false if none is up
   */
  endSession(a: ProcessId, b: ProcessId): boolean {
    const pair = this.#pair(a, b)
    if (!pair.up) return false
    this.#end(pair, 'overflow')
    this.#begin(pair)
    return true
  }

  carrier(from: ProcessId): Carrier {
    return { send: (to, message) => this.#send(from, to, message) }
  }

  #pair(a: ProcessId, b: ProcessId): Pair {
    const pair = a < b ? this.#pairs[a]?.[b] : this.#pairs[b]?.[a]
    assert(pair !== undefined, () => `two processes of the group, not ${a} and ${b}`)
    return pair
  }

  #direction(from: ProcessId, to: ProcessId): Direction {
    const direction = this.#directions[from]?.[to]
    assert(direction !== undefined, () => `two processes of the group, not ${from} and ${to}`)
    return direction
  }

  #begin(pair: Pair): void {
    const { scheduler, choices, members } = this.#init
    if (pair.low >= members) return
    const session = ++pair.session
    pair.up = true
    for (const [id, peer] of ends(pair)) {
      const direction = this.#direction(peer, id)
      const begins = scheduler.now + LATENCY_US + choices.handshake(peer, id, ++direction.sessions)
      // Nothing of the new session reaches this end before it knows of the session.
      direction.lastArrival = begins
      const begin = () => {
        const endpoint = this.#endpoints[id]
        if (pair.session !== session || endpoint === undefined) return
        endpoint.input(() => endpoint.indications.sessionStarted(peer))
      }
      scheduler.at(begins, begin, direction.precedence)
    }
  }

  #end(pair: Pair, reason: string): void {
    if (!pair.up) return
    pair.up = false
    pair.session++
    for (const [id, peer] of ends(pair)) {
      const endpoint = this.#endpoints[id]
      endpoint?.input(() => endpoint.indications.sessionEnded(peer, reason))
    }
  }

  #send(from: ProcessId, to: ProcessId, message: Uint8Array): void {
    const pair = this.#pair(from, to)
    if (!pair.up) return
    const { scheduler, choices, partitions, onArrival, onHarm } = this.#init
    const direction = this.#direction(from, to)
    const { session } = pair
    const { now } = scheduler
    const number = ++direction.messages
    const { lost, duplicateUs } = choices.fate(from, to, number, now)
    // A partition only delays what an ideal link carries.
    const leaves = partitions.separatedUntil(from, to, now)
    const arrives = leaves + LATENCY_US + choices.delay(from, to, number, now)
    if (lost) {
      onHarm(from, to, 'lost')
      return
    }
    direction.lastArrival = Math.max(direction.lastArrival, arrives)
    const arrive = () => {
      const endpoint = this.#endpoints[to]
      if (pair.session !== session || endpoint === undefined) return
      onArrival(from, to, message)
      endpoint.input(() => endpoint.indications.deliver(from, message))
    }
    scheduler.at(direction.lastArrival, arrive, direction.precedence)
    if (duplicateUs === undefined) return
    onHarm(from, to, 'duplicated')
    scheduler.at(direction.lastArrival + duplicateUs, arrive, direction.precedence)
  }
}

const ends = ({ low, high }: Pair): readonly (readonly [id: ProcessId, peer: ProcessId])[] => [
  [low, high],
  [high, low]
]
