/**
 * A fair-loss network for `--links real`: frames are lost, duplicated, delayed and reordered as the seed decides, and
 * between separated processes all of them are lost. After the network has healed it only delays.
 */
import type { ProcessId } from '../core/group.ts'
import type { NetworkFaults } from './faults.ts'
import { MS, type Scheduler } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'

/** A duplicate comes, and a reordered frame is late, by up to this many milliseconds. */
const LATE_MS_MAX = 200

export interface Receiver {
  receive(from: ProcessId, frame: Uint8Array): void
}

export class LossyNetwork {
  readonly #scheduler: Scheduler
  readonly #faults: NetworkFaults
  readonly #seed: number
  readonly #receivers = new Map<ProcessId, Receiver>()
  readonly #streams = new Map<string, { readonly random: SeededRandom; lastArrival: number }>()
  readonly #onArrival: (from: ProcessId, to: ProcessId, frame: Uint8Array) => void

  constructor(
    scheduler: Scheduler,
    seed: number,
    faults: NetworkFaults,
    onArrival: (from: ProcessId, to: ProcessId, frame: Uint8Array) => void
  ) {
    this.#scheduler = scheduler
    this.#seed = seed
    this.#faults = faults
    this.#onArrival = onArrival
  }

  attach(id: ProcessId, receiver: Receiver): void {
    this.#receivers.set(id, receiver)
  }

  detach(id: ProcessId): void {
    this.#receivers.delete(id)
  }

  send(from: ProcessId, to: ProcessId, frame: Uint8Array): void {
    const { healMs, latencyMsMax, lossPpm, duplicationPpm, reorderingPpm } = this.#faults.init
    const stream = this.#stream(from, to)
    const { random } = stream
    const { now } = this.#scheduler
    const healed = now >= healMs * MS
    const lost = random.chance(lossPpm)
    const duplicated = random.chance(duplicationPpm)
    const reordered = random.chance(reorderingPpm)
    const latency = 1 + random.below(latencyMsMax * MS)
    if (healed ? false : lost || this.#faults.separatedUntil(from, to, now) > now) return
    if (reordered && !healed) {
      this.#arrive(from, to, frame, now + latency + random.below(LATE_MS_MAX * MS))
    } else {
      stream.lastArrival = Math.max(stream.lastArrival, now + latency)
      this.#arrive(from, to, frame, stream.lastArrival)
    }
    if (duplicated && !healed) this.#arrive(from, to, frame, now + latency + random.below(LATE_MS_MAX * MS))
  }

  #arrive(from: ProcessId, to: ProcessId, frame: Uint8Array, at: number): void {
    this.#scheduler.at(at, () => {
      const receiver = this.#receivers.get(to)
      if (receiver === undefined) return
      this.#onArrival(from, to, frame)
      receiver.receive(from, frame)
    })
  }

  #stream(from: ProcessId, to: ProcessId) {
    const key = `${from}/${to}`
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      stream = { random: new SeededRandom(this.#seed, `wire/${key}`), lastArrival: 0 }
      this.#streams.set(key, stream)
    }
    return stream
  }
}
