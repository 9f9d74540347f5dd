/**
 * A correct member of a simulated group: its stack, its disk, and an application that broadcasts its workload and
 * consumes what is delivered, durably, passing its position when it starts again: so that each delivery reaches it
 * exactly once, across crashes.
 */

import type { Delivery } from '../broadcast/delivery-log.ts'
import type { Environment } from '../core/environment.ts'
import { WindowFullError } from '../core/errors.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { Observer } from '../core/trace.ts'
import { Ports } from '../links/ports.ts'
import { terms } from '../stacks/paths.ts'
import type { BroadcastInstance, Stack, StackOptions } from '../stacks/stack.ts'
import { SimulatedDisk } from './disk.ts'
import type { HistoryEvent } from './history.ts'
import { MS, type Scheduler } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'
import { beginLife, type Connect, type Connection, type Life } from './simulated-process.ts'

/** An application takes up to this long to consume a delivery; milliseconds. */
const CONSUME_MS_MAX = 10
/** How long a member that crashed where a test wanted it stays away; milliseconds. */
const DOWN_MS = 50

export interface Workload {
  readonly broadcasts: number
  readonly payloadBytesMax: number
  readonly withinMs: number
}

export interface MemberInit {
  readonly self: ProcessId
  readonly group: Group
  readonly crypto: Environment['crypto']
  readonly connect: Connect
  readonly stack: Stack
  readonly options: StackOptions
  readonly clock: { readonly offsetMs: number; readonly driftPpm: number }
  readonly observer: Observer
  readonly scheduler: Scheduler
  readonly seed: number
  readonly random: SeededRandom
  readonly workload: Workload
  readonly onStop: (cause: Error) => void
}

export interface CorrectMemberInit extends MemberInit {
  readonly record: (event: HistoryEvent) => void
  readonly crashAt?: { readonly event: 'sync' | 'send'; readonly number: number }
}

interface Running extends Life {
  readonly connection: Connection
  readonly instance: BroadcastInstance
}

export class CorrectMember {
  readonly #init: CorrectMemberInit
  readonly #disk: SimulatedDisk
  readonly #application: SeededRandom
  /** Payloads that the application wants to broadcast and that were not admitted yet. */
  readonly #wanted: Uint8Array[] = []
  #running: Running | undefined
  /** Messages sent so far, in all lives. */
  #sends = 0
  /** The application's own durable state: it has consumed everything up to this position. */
  #consumed = -1

  constructor(init: CorrectMemberInit) {
    this.#init = init
    const { seed, self, scheduler, workload } = init
    this.#disk = new SimulatedDisk(scheduler, new SeededRandom(seed, `disk/${self}`))
    this.#application = new SeededRandom(seed, `application/${self}`)
    this.#disk.onSync = (number) => this.#reached('sync', number)
    for (const payload of planWorkload(workload, self, this.#application)) {
      scheduler.at(payload.at, () => {
        this.#wanted.push(payload.bytes)
        this.#broadcastWanted()
      })
    }
  }

  get disk(): SimulatedDisk {
    return this.#disk
  }

  /** Messages sent so far, in all lives. */
  get sends(): number {
    return this.#sends
  }

  start(): void {
    const { self, stack, options, connect, scheduler, record, onStop } = this.#init
    if (this.#running !== undefined) return
    if (this.#disk.syncs > 0) record({ time: scheduler.now, process: self, kind: 'restart' })
    const life = beginLife({
      ...this.#init,
      disk: this.#disk,
      onStop: (cause) => {
        this.#running?.connection.detach()
        this.#running = undefined
        onStop(cause)
      }
    })
    const connections: Connection[] = []
    const ports: Ports = new Ports(life.env, (indications) => {
      const connection = connect(life.env, life.process, indications, () => terms(ports.paths, options))
      connections.push(connection)
      return {
        send: (to, message) => {
          this.#reached('send', ++this.#sends)
          if (!life.process.stopped) connection.carrier.send(to, message)
        }
      }
    })
    const instance = stack.build(life.env, ports, options, {
      deliver: (delivery) => {
        this.#consume(delivery)
      },
      ready: () => this.#broadcastWanted()
    })
    const [connection] = connections as [Connection]
    this.#running = { ...life, connection, instance }
    life.process.input(() => {
      instance.restore()
      connection.start()
    })
    this.#broadcastWanted()
  }

  /** Its clock is stepped, as an operator or a time service does it; nothing may depend on that. */
  jumpClock(ms: number): void {
    this.#running?.clock.jump(ms)
  }

  /** @returns false if it was down already */
  crash(): boolean {
    if (this.#running === undefined) return false
    const { self, scheduler, record } = this.#init
    this.#running.process.stop()
    this.#running.connection.detach()
    this.#running = undefined
    this.#disk.crash()
    record({ time: scheduler.now, process: self, kind: 'crash' })
    return true
  }

  #consume(delivery: Delivery): void {
    const { self, scheduler, record } = this.#init
    const { position, sender } = delivery
    if (position > this.#consumed) {
      this.#consumed = position
      const event = { time: scheduler.now, process: self, sender }
      if (delivery.type === 'gap') record({ ...event, kind: 'gap', from: delivery.from, to: delivery.to })
      else
        record({
          ...event,
          kind: 'deliver',
          position,
          sequence: delivery.sequence,
          payload: delivery.payload
        })
    }
    const running = this.#running
    scheduler.after(this.#application.below(CONSUME_MS_MAX * MS), () => {
      if (running === undefined || this.#running !== running) return
      running.process.input(() => {
        if (position >= running.instance.acknowledged) running.instance.acknowledge(position)
      })
    })
  }

  #broadcastWanted(): void {
    const running = this.#running
    if (running === undefined) return
    const { self, scheduler, record } = this.#init
    for (;;) {
      const [payload] = this.#wanted
      if (payload === undefined) return
      const accepted = () => record({ time: scheduler.now, process: self, kind: 'accepted', sequence })
      let sequence: number
      try {
        sequence = running.instance.broadcast(payload, accepted)
      } catch (error) {
        if (error instanceof WindowFullError) return // `ready` will come
        throw error
      }
      this.#wanted.shift()
      record({ time: scheduler.now, process: self, kind: 'broadcast', sequence, payload })
      running.process.input(() => {})
    }
  }

  /** Crashes where a test wants it: before the n-th message leaves, or while the n-th batch is being written. */
  #reached(event: 'sync' | 'send', number: number): void {
    const { crashAt, scheduler } = this.#init
    if (crashAt?.event !== event || crashAt.number !== number) return
    if (this.crash()) scheduler.after(DOWN_MS * MS, () => this.start())
  }
}

/** When the application of a member broadcasts what. */
export function planWorkload(
  { broadcasts, payloadBytesMax, withinMs }: Workload,
  self: ProcessId,
  random: SeededRandom
): { at: number; bytes: Uint8Array }[] {
  return Array.from({ length: broadcasts }, (_, index) => {
    const bytes = random.bytes(2 + random.below(Math.max(1, payloadBytesMax - 1)))
    // Payloads are told apart by their first bytes.
    bytes[0] = self
    bytes[1] = index
    return { at: random.below(withinMs * MS), bytes }
  }).sort((a, b) => a.at - b.at)
}
