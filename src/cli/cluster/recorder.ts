/**
 * The history of a cluster, from what its correct members report: in the order in which the reports arrived, which
 * for each member is the order in which things happened there.
 */
import { createHash } from 'node:crypto'
import type { Delivery } from '../../broadcast/delivery-log.ts'
import { toHex } from '../../core/bytes.ts'
import type { Fault } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import { Consumed } from '../../simulator/consumed.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { ClusterPlan } from './plan.ts'

export interface Instance {
  readonly sender: ProcessId
  readonly sequence: number
}

const instanceKey = ({ sender, sequence }: Instance) => `${sender}/${sequence}`

export class Recorder {
  readonly events: HistoryEvent[] = []
  readonly #plan: ClusterPlan
  readonly #start = performance.now()
  /** The same bytes arrive many times: they are kept once, by their digest. */
  readonly #payloads = new Map<string, Uint8Array>()
  /** What each member delivered, by sender, by sequence number. */
  readonly #delivered: ReadonlyMap<ProcessId, readonly Map<number, Uint8Array>[]>
  /** Who has each instance that some correct member delivered, or skipped in a gap. */
  readonly #holders = new Map<string, Set<ProcessId>>()
  readonly #accepted = new Map<string, Instance>()
  readonly #positions = new Map<ProcessId, number>()
  readonly #consumed = new Map<ProcessId, Consumed>()
  #lastProgressMs = performance.now()

  constructor(plan: ClusterPlan) {
    this.#plan = plan
    const { members, correct } = plan
    const rows = () => Array.from({ length: members }, () => new Map<number, Uint8Array>())
    this.#delivered = new Map(correct.map((rank) => [rank, rows()]))
  }

  /** Milliseconds since something was delivered that the tour had asked for. */
  get quietMs(): number {
    return performance.now() - this.#lastProgressMs
  }

  /** The position up to which this member's deliveries are recorded. */
  position(process: ProcessId): number | undefined {
    return this.#positions.get(process)
  }

  delivered(process: ProcessId, sender: ProcessId): ReadonlyMap<number, Uint8Array> {
    return this.#delivered.get(process)?.[sender] ?? new Map()
  }

  /** It was asked to; what a Byzantine member makes of it is another matter. */
  broadcast(process: ProcessId, sequence: number, payload: Uint8Array): void {
    this.#lastProgressMs = performance.now()
    this.#add({ ...this.#at(process), kind: 'broadcast', sequence, payload: this.#keep(payload) })
  }

  accepted(process: ProcessId, sequence: number): void {
    const instance = { sender: process, sequence }
    this.#accepted.set(instanceKey(instance), instance)
    this.#add({ ...this.#at(process), kind: 'accepted', sequence })
  }

  /** What a member delivers a second time, after it was killed, is known by its position. */
  delivery(process: ProcessId, delivery: Delivery): void {
    const consumed = this.#consumed.get(process) ?? new Consumed()
    this.#consumed.set(process, consumed)
    if (!consumed.isNews(delivery)) return
    this.#positions.set(process, delivery.position)
    if (delivery.type === 'gap') {
      const { sender, from, to, position } = delivery
      this.#add({ ...this.#at(process), kind: 'gap', sender, from, to, position })
      for (let sequence = from; sequence < to; sequence++) this.#hold(process, { sender, sequence })
      return
    }
    const { position, sender, sequence } = delivery
    const payload = this.#keep(delivery.payload)
    this.#add({ ...this.#at(process), kind: 'deliver', sender, sequence, payload, position })
    this.#delivered.get(process)?.[sender]?.set(sequence, payload)
    this.#hold(process, delivery)
    if (sequence < this.#plan.chunks.length) this.#lastProgressMs = performance.now()
  }

  fault(process: ProcessId, fault: Fault): void {
    this.#add({ ...this.#at(process), kind: 'fault', fault })
  }

  died(process: ProcessId, kind: 'crash' | 'restart'): void {
    this.#add({ ...this.#at(process), kind })
  }

  stopped(process: ProcessId, cause: string): void {
    this.#add({ ...this.#at(process), kind: 'stop', cause })
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
    const { members, chunks } = this.#plan
    for (let sender = 0; sender < members; sender++)
      for (let sequence = 0; sequence < chunks.length; sequence++)
        if (!this.#isEverywhere(instanceKey({ sender, sequence }))) return false
    return true
  }

  #isEverywhere(key: string): boolean {
    return this.#holders.get(key)?.size === this.#plan.correct.length
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

  #at(process: ProcessId): { time: number; process: ProcessId } {
    return { time: Math.round((performance.now() - this.#start) * 1000), process }
  }

  #add(event: HistoryEvent): void {
    this.events.push(event)
  }
}

export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return toHex(hash.digest())
}
