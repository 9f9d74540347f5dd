/**
 * Ideal links: the abstraction that authenticated-links.ts implements, without its frames. Sessions between each
 * pair, reliable, in order and without duplicates while they last, authentic; latencies, partitions and the ends of
 * sessions come from the seed. Many times faster than the whole tower, which `--links real` runs instead.
 */
import { assert } from '../core/assert.ts'
import type { ProcessId } from '../core/group.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import type { NetworkFaults } from './faults.ts'
import { MS, type Scheduler } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'

/** What the network needs of an attached process. */
export interface Endpoint {
  /** Runs `handler` as an input of the process. */
  input(handler: () => void): void
  readonly indications: CarrierIndications
}

/** One direction of a pair. */
interface Direction {
  readonly random: SeededRandom
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

/** How long a new session takes to be set up after both ends are there; milliseconds. */
const HANDSHAKE_MS_MAX = 20

export class SessionNetwork {
  readonly #scheduler: Scheduler
  readonly #faults: NetworkFaults
  readonly #n: number
  readonly #endpoints: (Endpoint | undefined)[]
  readonly #directions: Direction[][]
  readonly #pairs: Pair[][]
  /** Told of each message as it arrives: for the trace digest and the campaign's counters. */
  onArrival: (from: ProcessId, to: ProcessId, message: Uint8Array) => void = () => {}

  constructor(scheduler: Scheduler, n: number, seed: number, faults: NetworkFaults) {
    this.#scheduler = scheduler
    this.#faults = faults
    this.#n = n
    this.#endpoints = Array.from({ length: n }, () => undefined)
    this.#directions = Array.from({ length: n }, (_, from) =>
      Array.from({ length: n }, (_, to) => ({
        random: new SeededRandom(seed, `link/${from}/${to}`),
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
    for (let peer = 0; peer < this.#n; peer++) {
      if (peer !== id && this.#endpoints[peer] !== undefined) this.#begin(this.#pair(id, peer))
    }
  }

  /** The process is gone: its sessions end, and what is on its way is lost. */
  detach(id: ProcessId): void {
    this.#endpoints[id] = undefined
    for (let peer = 0; peer < this.#n; peer++) if (peer !== id) this.#end(this.#pair(id, peer), 'peer gone')
  }

  /** Ends the session between two processes, as an overflow does; a new one begins soon. */
  endSession(a: ProcessId, b: ProcessId): void {
    const pair = this.#pair(a, b)
    if (!pair.up) return
    this.#end(pair, 'overflow')
    this.#begin(pair)
  }

  carrier(from: ProcessId): Carrier {
    return { send: (to, message) => this.#send(from, to, message) }
  }

  #pair(a: ProcessId, b: ProcessId): Pair {
    const pair = this.#pairs[Math.min(a, b)]?.[Math.max(a, b)]
    assert(pair !== undefined, `two processes of the group, not ${a} and ${b}`)
    return pair
  }

  #direction(from: ProcessId, to: ProcessId): Direction {
    const direction = this.#directions[from]?.[to]
    assert(direction !== undefined, `two processes of the group, not ${from} and ${to}`)
    return direction
  }

  #begin(pair: Pair): void {
    const session = ++pair.session
    const { random } = this.#direction(pair.low, pair.high)
    const ends: [ProcessId, ProcessId][] = [
      [pair.low, pair.high],
      [pair.high, pair.low]
    ]
    pair.up = true
    for (const [id, peer] of ends) {
      const direction = this.#direction(peer, id)
      const begins = this.#scheduler.now + random.below(HANDSHAKE_MS_MAX * MS)
      // Nothing of the new session reaches this end before it knows of the session.
      direction.lastArrival = begins
      this.#scheduler.at(begins, () => {
        const endpoint = this.#endpoints[id]
        if (pair.session !== session || endpoint === undefined) return
        endpoint.input(() => endpoint.indications.sessionStarted(peer))
      })
    }
  }

  #end(pair: Pair, reason: string): void {
    if (!pair.up) return
    pair.up = false
    pair.session++
    for (const [id, peer] of [
      [pair.low, pair.high],
      [pair.high, pair.low]
    ] as const) {
      const endpoint = this.#endpoints[id]
      endpoint?.input(() => endpoint.indications.sessionEnded(peer, reason))
    }
  }

  #send(from: ProcessId, to: ProcessId, message: Uint8Array): void {
    const pair = this.#pair(from, to)
    if (!pair.up) return
    const direction = this.#direction(from, to)
    const { session } = pair
    const latency = this.#faults.latency(from, to, this.#scheduler.now, direction.random)
    direction.lastArrival = Math.max(direction.lastArrival, this.#scheduler.now + latency)
    this.#scheduler.at(direction.lastArrival, () => {
      const endpoint = this.#endpoints[to]
      if (pair.session !== session || endpoint === undefined) return
      this.onArrival(from, to, message)
      endpoint.input(() => endpoint.indications.deliver(from, message))
    })
  }
}
