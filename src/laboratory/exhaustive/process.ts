/**
 * One correct process of an exhaustive exploration: a real stack in a real `Process`, fed one input at a time. It is
 * deterministic, so where it stands follows from its inputs, and it can be brought there again by repeating them.
 *
 * Its sessions with all others are up and their windows reported before the first input. Its store is durable at once.
 * Its application never acknowledges, so that the instance stays open and every later message still meets it.
 */

import type { Delivery } from '../../broadcast/delivery-log.ts'
import { toHex } from '../../core/bytes.ts'
import type { Timer } from '../../core/clock.ts'
import type { Crypto, Environment } from '../../core/environment.ts'
import type { Fault } from '../../core/fault.ts'
import type { Group, ProcessId } from '../../core/group.ts'
import { Process } from '../../core/process.ts'
import { isBulk } from '../../core/store.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { CarrierIndications } from '../../links/carrier.ts'
import { Ports, type SpokenPort } from '../../links/ports.ts'
import { SeededRandom } from '../../simulator/seeded-random.ts'
import type { BroadcastInstance, BroadcastStack } from '../../stacks/stack.ts'

export interface ProcessSetting {
  readonly stack: BroadcastStack
  readonly group: Group
  readonly crypto: (self: ProcessId) => Crypto
}

export class ExploredProcess {
  readonly self: ProcessId
  /** What it has sent to each member, in order; its reports of windows, before the first input, are not among it. */
  readonly sent: readonly Uint8Array[][]
  readonly deliveries: Delivery[] = []
  readonly faults: Fault[] = []
  crash: Error | undefined
  readonly #process: Process
  readonly #carrier: CarrierIndications
  readonly #ports: Ports
  readonly #instance: BroadcastInstance
  /** Set and neither fired nor cancelled, in the order in which they were set. */
  readonly #timers: (() => void)[] = []
  readonly #bulk = new Map<string, Uint8Array>()

  constructor({ stack, group, crypto }: ProcessSetting, self: ProcessId) {
    this.self = self
    this.sent = group.ranks.map(() => [])
    this.#process = new Process({
      journal: { append: (_, done) => done() },
      onStop: (cause) => {
        this.crash = cause
      }
    })
    const env = this.#environment(group, crypto(self))
    const carriers: CarrierIndications[] = []
    this.#ports = new Ports(env, (indications) => {
      carriers.push(indications)
      return { send: (to, message) => this.sent[to]?.push(message) }
    })
    ;[this.#carrier] = carriers as [CarrierIndications]
    this.#instance = stack.build(
      env,
      this.#ports,
      {},
      {
        deliver: (delivery) => this.deliveries.push(delivery),
        ready: () => {}
      }
    )
    this.#process.input(() => this.#instance.restore())
    this.#openSessions(group)
  }

  get spoken(): readonly SpokenPort[] {
    return this.#ports.spoken
  }

  get timers(): number {
    return this.#timers.length
  }

  receive(from: ProcessId, message: Uint8Array): void {
    this.#process.input(() => this.#carrier.deliver(from, message))
  }

  /** The timer that was set first goes off. */
  fireTimer(): void {
    const handler = this.#timers.shift()
    if (handler !== undefined) this.#process.input(handler)
  }

  state(): PlainValue {
    return this.#instance.state()
  }

  /** All processes start alike, so what the others report is what this one reports. */
  #openSessions({ ranks }: Group): void {
    const others = ranks.filter((rank) => rank !== this.self)
    for (const peer of others) this.#process.input(() => this.#carrier.sessionStarted(peer))
    for (const peer of others) {
      const reports = this.sent[peer]?.splice(0) ?? []
      for (const report of reports) this.receive(peer, report)
    }
  }

  #environment(group: Group, crypto: Crypto): Environment {
    const process = this.#process
    return {
      self: this.self,
      incarnation: 1,
      fresh: true,
      group,
      clock: { now: () => 0, setTimer: (_, handler) => this.#setTimer(handler) },
      random: new SeededRandom(0, 'exploration'),
      crypto,
      store: {
        put: (key, value) => {
          if (isBulk(key)) this.#bulk.set(key, value)
          process.write({ key, value })
        },
        delete: (key) => {
          this.#bulk.delete(key)
          process.write({ key, value: undefined })
        },
        restored: () => [],
        read: (key, then) => process.trigger(() => then(this.#bulk.get(key)))
      },
      observer: {
        tracing: false,
        event() {},
        fault: (fault) => this.faults.push(fault),
        landmark() {}
      },
      trigger: (handler) => process.trigger(handler),
      whenDurable: (effect) => process.whenDurable(effect),
      onTurnEnd: (flush) => process.onTurnEnd(flush)
    }
  }

  #setTimer(handler: () => void): Timer {
    const timer = () => handler()
    this.#timers.push(timer)
    return {
      cancel: () => {
        const at = this.#timers.indexOf(timer)
        if (at >= 0) this.#timers.splice(at, 1)
      }
    }
  }
}

/** A text that is the same for equal values and for no others. */
export function canonicalText(value: PlainValue): string {
  if (value instanceof Uint8Array) return `h${toHex(value)}`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`
  const entries = Object.entries(value as { readonly [name: string]: PlainValue })
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalText(inner)}`).join()}}`
}
