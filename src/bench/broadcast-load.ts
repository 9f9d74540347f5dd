/** What the application of one member does: keeps broadcasts in flight, and consumes what is delivered. */
import type { Delivery } from '../broadcast/delivery-log.ts'
import type { ByzantineService } from '../libp2p/service.ts'
import { DeliveryRecord } from './record.ts'

export interface Workload {
  readonly payloadBytes: number
  /** Members 0 to senders - 1 broadcast, each the same number. */
  readonly senders: number
}

/** Payloads are made before time is measured; a prime, so that neighbours differ. */
const DISTINCT_PAYLOADS = 251

export class BroadcastLoad {
  readonly #service: ByzantineService
  readonly #workload: Workload
  readonly #payloads: readonly Uint8Array[]
  /** The first sequence number of this round, of each sender. */
  readonly #first: number[]
  #record: DeliveryRecord
  #expected = 0
  #awaited = { deliveries: Number.POSITIVE_INFINITY, reached: () => {} }
  #left = 0
  #own: () => void = () => {}

  constructor(service: ByzantineService, workload: Workload) {
    this.#service = service
    this.#workload = workload
    this.#payloads = Array.from({ length: DISTINCT_PAYLOADS }, (_, i) => {
      const payload = new Uint8Array(workload.payloadBytes).fill(i)
      payload[0] = service.self
      return payload
    })
    this.#first = Array.from({ length: workload.senders }, () => 0)
    this.#record = new DeliveryRecord(0, workload.payloadBytes)
  }

  /** Every member hears of a round before any begins it: `broadcasts` of each sender. */
  expect(broadcasts: number): void {
    const { senders, payloadBytes } = this.#workload
    this.#expected = broadcasts * senders
    this.#record = new DeliveryRecord(this.#expected, payloadBytes)
  }

  /** Resolves when so many of this round were delivered here. */
  async delivered(deliveries: number): Promise<void> {
    if (this.#record.filled >= deliveries) return
    await new Promise<void>((reached) => {
      this.#awaited = { deliveries, reached }
    })
  }

  digest(): string {
    const digest = this.#record.digest()
    this.#endRound()
    return digest
  }

  async consume(): Promise<void> {
    for await (const delivery of this.#service.deliveries()) this.#onDelivery(delivery)
  }

  /** Broadcasts so many, some in flight; resolves when the last was delivered here. */
  async run(broadcasts: number, inFlight: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let waiting = broadcasts
    this.#left = broadcasts
    this.#own = () => {
      if (--waiting === 0) resolve()
      else this.#broadcast()
    }
    for (let i = 0; i < Math.min(inFlight, broadcasts); i++) this.#broadcast()
    await promise
  }

  /** Milliseconds from request to one's own delivery, of lone broadcasts. */
  async latencies(count: number): Promise<number[]> {
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#own = resolve
      this.#left = 1
      const began = performance.now()
      this.#broadcast()
      await promise
      times.push(performance.now() - began)
    }
    return times
  }

  #broadcast(): void {
    if (this.#left === 0) return
    this.#left--
    const payload = this.#payloads[this.#left % DISTINCT_PAYLOADS]!
    this.#service.broadcast(payload).catch((error: unknown) => {
      throw error
    })
  }

  #onDelivery(delivery: Delivery): void {
    if (delivery.type === 'gap') throw new Error('there was a gap')
    const { sender, sequence, payload } = delivery
    if (this.#expected > 0) {
      const { senders } = this.#workload
      this.#record.put((sequence - (this.#first[sender] ?? 0)) * senders + sender, payload)
      if (this.#record.filled === this.#awaited.deliveries) this.#awaited.reached()
    }
    if (sender === this.#service.self) this.#own()
  }

  #endRound(): void {
    const { senders } = this.#workload
    for (let sender = 0; sender < senders; sender++) {
      this.#first[sender] = (this.#first[sender] ?? 0) + this.#expected / senders
    }
    this.#expected = 0
    this.#record = new DeliveryRecord(0, this.#workload.payloadBytes)
  }
}
