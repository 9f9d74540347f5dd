/** What became of the input of a cluster: who delivered which part of it, by sender. */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { broadcastService } from '../broadcast/service.ts'
import { broadcastEvents, tellBroadcast } from '../checkers/broadcast-history.ts'
import type { ProcessId } from '../core/group.ts'
import { Consumed } from '../laboratory/abstractions/consumed.ts'
import { toDelivery } from '../libp2p/broadcast-operations.ts'
import type { ToldBy } from './messages.ts'
import type { ClusterPlan } from './plan.ts'
import { type Assembled, type LatencyMs, type Missed, Recorder, sha256 } from './recorder.ts'

export interface Instance {
  readonly sender: ProcessId
  readonly sequence: number
}

const instanceKey = ({ sender, sequence }: Instance) => `${sender}/${sequence}`

/** Broadcasts are late that take so much longer than those of correct members. */
const LATE_FACTOR = 2

export class BroadcastRecord extends Recorder {
  /** The same bytes arrive many times: they are kept once, by their digest. */
  readonly #payloads = new Map<string, Uint8Array>()
  /** What each member delivered, by sender, by sequence number. */
  readonly #delivered: ReadonlyMap<ProcessId, readonly Map<number, Uint8Array>[]>
  /** Who has each instance that some correct member delivered, or skipped in a gap. */
  readonly #holders = new Map<string, Set<ProcessId>>()
  readonly #accepted = new Map<string, Instance>()
  readonly #consumed = new Map<ProcessId, Consumed>()

  constructor(plan: ClusterPlan) {
    super(plan)
    const { members, correct } = plan
    const rows = () => Array.from({ length: members }, () => new Map<number, Uint8Array>())
    this.#delivered = new Map(correct.map((rank) => [rank, rows()]))
  }

  delivered(process: ProcessId, sender: ProcessId): ReadonlyMap<number, Uint8Array> {
    return this.#delivered.get(process)?.[sender] ?? new Map()
  }

  /** It was asked to; what a Byzantine member makes of it is another matter. */
  broadcast(process: ProcessId, sequence: number, payload: Uint8Array): void {
    this.goesOn()
    const told = { ...this.at(process), kind: 'broadcast', sequence, payload: this.#keep(payload) } as const
    this.add(tellBroadcast(told, sequence + 1))
  }

  accepted(process: ProcessId, sequence: number): void {
    const instance = { sender: process, sequence }
    this.#accepted.set(instanceKey(instance), instance)
    this.add(tellBroadcast({ ...this.at(process), kind: 'accepted', sequence }, sequence + 1))
  }

  override told(process: ProcessId, told: ToldBy): void {
    if (told.service === broadcastService.name) this.delivery(process, toDelivery(told))
  }

  /** What a member delivers a second time, after it was killed, is known by its position. */
  delivery(process: ProcessId, delivery: Delivery): void {
    const consumed = this.#consumed.get(process) ?? new Consumed()
    this.#consumed.set(process, consumed)
    if (!consumed.isNews(delivery)) return
    if (delivery.type === 'gap') {
      const { sender, from, to, position } = delivery
      this.add(tellBroadcast({ ...this.at(process), kind: 'gap', sender, from, to, position }))
      for (let sequence = from; sequence < to; sequence++) this.#hold(process, { sender, sequence })
      return
    }
    const { position, sender, sequence } = delivery
    const payload = this.#keep(delivery.payload)
    const told = { ...this.at(process), kind: 'deliver', sender, sequence, payload, position } as const
    this.add(tellBroadcast(told))
    this.#delivered.get(process)?.[sender]?.set(sequence, payload)
    this.#hold(process, delivery)
    if (sequence < this.plan.chunks.length) this.goesOn()
  }

  /** Whether every correct member has every broadcast of a correct one. */
  get allAcceptedDelivered(): boolean {
    return [...this.#accepted.keys()].every((key) => this.#isEverywhere(key))
  }

  /** Whether what one correct member has delivered, all have. */
  get allOrNone(): boolean {
    return [...this.#holders.keys()].every((key) => this.#isEverywhere(key))
  }

  /** Whether everything that the tour asks for, of the Byzantine members too, has been delivered everywhere. */
  get everythingDelivered(): boolean {
    const { members, chunks } = this.plan
    for (let sender = 0; sender < members; sender++)
      for (let sequence = 0; sequence < chunks.length; sequence++)
        if (!this.#isEverywhere(instanceKey({ sender, sequence }))) return false
    return true
  }

  override counts(member: ProcessId): readonly number[] {
    return Array.from({ length: this.plan.members }, (_, sender) => this.delivered(member, sender).size)
  }

  override share(member: ProcessId): number {
    const { members, chunks } = this.plan
    return this.counts(member).reduce((total, count) => total + count, 0) / (members * chunks.length)
  }

  override assembled(member: ProcessId): readonly Assembled[] {
    const { members, input } = this.plan
    const whole = sha256(input)
    return Array.from({ length: members }, (_, sender) => {
      const payloads = [...this.delivered(member, sender)].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)
      const digest = sha256(...payloads)
      return {
        broadcasts: payloads.length,
        bytes: payloads.reduce((total, { length }) => total + length, 0),
        sha256: digest,
        same: digest === whole
      }
    })
  }

  override get missed(): Missed {
    const { byzantine, correct, chunks } = this.plan
    const isShort = (sender: number, sequence: number) =>
      correct.some((member) => !this.delivered(member, sender).has(sequence))
    const missing = byzantine
      .flatMap((sender) => chunks.map((_, sequence) => isShort(sender, sequence)))
      .filter(Boolean).length
    const latencies = this.#latencies()
    const { correct: usual, byzantine: theirs } = this.#medians(latencies)
    const isLate = usual !== null && theirs !== null && theirs >= LATE_FACTOR * usual
    const late = isLate
      ? latencies.filter(([sender, ms]) => byzantine.includes(sender) && ms >= LATE_FACTOR * usual).length
      : 0
    return { missing, late }
  }

  override get latencyMs(): LatencyMs {
    return this.#medians(this.#latencies())
  }

  #medians(latencies: readonly Latency[]): LatencyMs {
    const { byzantine, correct } = this.plan
    const of = (senders: readonly ProcessId[]) =>
      median(latencies.filter(([sender]) => senders.includes(sender)))
    return { correct: of(correct), byzantine: of(byzantine) }
  }

  /** Milliseconds from the request to each delivery, with the sender. */
  #latencies(): Latency[] {
    const requested = new Map<string, number>()
    const latencies: Latency[] = []
    for (const event of broadcastEvents({ events: this.events })) {
      if (event.kind === 'broadcast') requested.set(`${event.process}/${event.sequence}`, event.time)
      if (event.kind !== 'deliver') continue
      const from = requested.get(instanceKey(event))
      if (from !== undefined) latencies.push([event.sender, (event.time - from) / 1000])
    }
    return latencies
  }

  #isEverywhere(key: string): boolean {
    return this.#holders.get(key)?.size === this.plan.correct.length
  }

  #hold(process: ProcessId, instance: Instance): void {
    const key = instanceKey(instance)
    const holders = this.#holders.get(key) ?? new Set()
    this.#holders.set(key, holders.add(process))
  }

  #keep(payload: Uint8Array): Uint8Array {
    const digest = sha256(payload)
    const kept = this.#payloads.get(digest) ?? payload
    this.#payloads.set(digest, kept)
    return kept
  }
}

type Latency = readonly [sender: ProcessId, ms: number]

function median(latencies: readonly Latency[]): number | null {
  const sorted = latencies.map(([, ms]) => ms).sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  return middle === undefined ? null : Math.round(middle)
}
