/**
 * The delivery log: hands deliveries to the application, one after the other, each under its position in this
 * process's own order of delivery.
 *
 * Across a crash, delivery to the application is at least once: nothing better exists (a process cannot tell
 * whether the application had processed the last delivery before the crash). It is exactly once for an application
 * that stores, together with the effect of a delivery, its position, and passes it as `after` when it starts.
 *
 * The position of each unacknowledged delivery is durable before the application sees it. An application that does
 * not acknowledge stops the windows of the broadcast below, and so in the end the senders: space is at most one
 * window of payloads for each sender.
 */
import { assert } from '../core/assert.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import { NearNumbers } from '../core/near-numbers.ts'
import { decode, encode, optional, record, uint, type ValueOf } from '../core/shapes.ts'
import { fromNumericKey, numericKey } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import type { BroadcastIndications } from './numbered-broadcast.ts'

/** What the application gets: a delivery, or the news that some are beyond what others retain. */
export type Delivery = { readonly position: number; readonly sender: ProcessId } & (
  | { readonly type: 'delivery'; readonly sequence: number; readonly payload: Uint8Array }
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
)

export interface DeliveryLogIndications {
  /** The application has it now; it answers with `acknowledge(position)` when it needs it no more. */
  deliver(delivery: Delivery): void
}

export interface LoggedChannel {
  acknowledge(sender: ProcessId, sequence: number): void
}

/** What the log listens to of the channel. */
export type LoggedIndications = Pick<BroadcastIndications, 'deliver' | 'gap'>

/** Of a delivery only its name is stored: the payload is stored below, and delivered again after a restart. */
const entryShape = record({ sender: uint(), from: uint(), to: optional(uint()) })
const instanceKey = (sender: ProcessId, sequence: number) => `${sender}/${sequence}`

export class DeliveryLog extends Component<DeliveryLogIndications> {
  /** What the channel indicates, which is made with them. */
  readonly indications: LoggedIndications
  #channel: LoggedChannel | undefined
  /** Positions given before a restart, whose payloads the channel delivers again. */
  readonly #restored = new Map<string, number>()
  /** Not yet acknowledged, by position. */
  readonly #waiting = new NearNumbers<Delivery>()
  /** The position of the next delivery. */
  #next = 0
  #isNextToKeep = false
  /** Everything below was handed to the application in this life, or acknowledged in an earlier one. */
  #handed: number
  /** The application has acknowledged everything below. */
  #acknowledged = 0

  constructor(env: Environment, path: string, indications: DeliveryLogIndications) {
    super(env, path, indications)
    this.indications = {
      deliver: (sender, sequence, payload) => this.#onDeliver(sender, sequence, payload),
      gap: (sender, from, to) => this.#onGap(sender, from, to)
    }
    const next = this.store.restored('next')[0]?.[1]
    this.#next = next === undefined ? 0 : (decode(uint(), next) ?? 0)
    this.#acknowledged = this.#next
    for (const [key, value] of this.store.restored('entry/')) {
      const entry = decode(entryShape, value)
      assert(entry !== undefined, 'a stored entry is of its shape')
      const position = fromNumericKey(key)
      const { sender, from, to } = entry
      if (to === null) this.#restored.set(instanceKey(sender, from), position)
      else this.#waiting.set(position, { type: 'gap', position, sender, from, to })
      this.#acknowledged = Math.min(this.#acknowledged, position)
    }
    this.#handed = this.#acknowledged
  }

  /** Called once, before anything is acknowledged. */
  attach(channel: LoggedChannel): void {
    this.#channel = channel
  }

  /** Everything below this position was acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** The position of the next new delivery. */
  get next(): number {
    return this.#next
  }

  #onDeliver(sender: ProcessId, sequence: number, payload: Uint8Array): void {
    const known = this.#takeRestored(sender, sequence)
    const position = known ?? this.#assign({ sender, from: sequence, to: null })
    this.#waiting.set(position, { type: 'delivery', position, sender, sequence, payload })
    this.#hand()
  }

  #takeRestored(sender: ProcessId, sequence: number): number | undefined {
    if (this.#restored.size === 0) return undefined
    const key = instanceKey(sender, sequence)
    const position = this.#restored.get(key)
    this.#restored.delete(key)
    return position
  }

  #onGap(sender: ProcessId, from: number, to: number): void {
    const position = this.#assign({ sender, from, to })
    this.#waiting.set(position, { type: 'gap', position, sender, from, to })
    this.#hand()
  }

  /** To be called when everything of an earlier life was delivered again. */
  restore(): void {
    this.#hand()
  }

  #assign(entry: ValueOf<typeof entryShape>): number {
    const position = this.#next++
    this.#keepNext()
    this.store.put(`entry/${numericKey(position)}`, encode(entryShape, entry))
    return position
  }

  /** With this turn: once, however many positions are given in it. */
  #keepNext(): void {
    if (this.#isNextToKeep) return
    this.#isNextToKeep = true
    this.env.trigger(() => {
      this.#isNextToKeep = false
      this.store.put('next', encode(uint(), this.#next))
    })
  }

  /** After a restart the channel delivers again in its own order; the application gets them in the order of before. */
  #hand(): void {
    for (
      let entry = this.#waiting.get(this.#handed);
      entry !== undefined;
      entry = this.#waiting.get(this.#handed)
    ) {
      this.indicate.deliver(entry)
      this.#handed++
    }
  }

  /** Request: the application has durably consumed everything up to and including `position`. */
  acknowledge(position: number): void {
    if (position >= this.#handed) {
      throw new InvalidParametersError(
        `position ${position} was not delivered yet: the next will be ${this.#handed}`
      )
    }
    this.request('acknowledge', [position], () => {
      for (; this.#acknowledged <= position; this.#acknowledged++) {
        const entry = this.#waiting.get(this.#acknowledged)
        assert(entry !== undefined, 'what was handed over waits until it is acknowledged')
        this.#waiting.delete(this.#acknowledged)
        this.store.delete(`entry/${numericKey(this.#acknowledged)}`)
        if (entry.type === 'delivery') this.#channel?.acknowledge(entry.sender, entry.sequence)
      }
    })
  }

  override state(): PlainValue {
    return { next: this.#next, acknowledged: this.#acknowledged, waiting: this.#waiting.keys() }
  }
}
