/**
 * A correct member of a simulated group: its stack, its disk, and an application that broadcasts its workload and
 * consumes what is delivered, durably, passing its position when it starts again: so that each delivery reaches it
 * exactly once, across crashes.
 */

import type { Delivery } from '../broadcast/delivery-log.ts'
import { WindowFullError } from '../core/errors.ts'
import type { PlainValue } from '../core/trace.ts'
import { type BuiltStack, buildStack, type StackInit } from '../stacks/build.ts'
import { terms } from '../stacks/paths.ts'
import { recordStack } from '../stacks/recorder.ts'
import type { LineSink } from '../stacks/recording-format.ts'
import type { BroadcastInstance } from '../stacks/stack.ts'
import { DiskError, SimulatedDisk } from './disk.ts'
import type { HistoryEvent } from './history.ts'
import type { MemberInit } from './member-init.ts'
import type { Planned } from './schedule.ts'
import { SeededRandom } from './seeded-random.ts'
import { beginLife, type Connection, type Life } from './simulated-process.ts'

export type CrashOn = Extract<Planned, { kind: 'crash-on' }>

export interface CorrectMemberInit extends MemberInit {
  readonly record: (event: HistoryEvent) => void
  /** It came back after a crash or a failed sync. */
  readonly onRestart: () => void
  readonly onTornBatch: () => void
  readonly crashesOn: readonly CrashOn[]
  /** Gives who is told the lines of a recording of a life, or nobody. */
  readonly recordLife: ((incarnation: number) => LineSink | undefined) | undefined
  /** Told of each component's state after each turn; absent unless somebody wants to see them. */
  readonly onState: ((states: { readonly [path: string]: PlainValue }) => void) | undefined
}

interface Running extends Life {
  readonly connection: Connection
  readonly instance: BroadcastInstance
}

export class CorrectMember {
  readonly #init: CorrectMemberInit
  readonly #disk: SimulatedDisk
  readonly #random: SeededRandom
  /** Payloads that the application wants to broadcast and that were not admitted yet. */
  readonly #wanted: Uint8Array[] = []
  #running: Running | undefined
  /** Messages sent so far, in all lives. */
  #sends = 0
  /** Deliveries that the application was given so far, in all lives. */
  #deliveries = 0
  /** The application's own durable state: it has consumed everything up to this position. */
  #consumed = -1

  constructor(init: CorrectMemberInit) {
    this.#init = init
    const { self, seed, onTornBatch } = init
    this.#random = new SeededRandom(seed, `process/${self}`)
    this.#disk = new SimulatedDisk({ ...init, process: self, onTornBatch })
    this.#disk.onSync = (number) => this.#reached('sync', number)
  }

  get disk(): SimulatedDisk {
    return this.#disk
  }

  /** Messages sent so far, in all lives. */
  get sends(): number {
    return this.#sends
  }

  start(): void {
    const { self, stack, options, connect, scheduler, record, onState } = this.#init
    if (this.#running !== undefined) return
    if (this.#disk.syncs > 0) record({ time: scheduler.now, process: self, kind: 'restart' })
    const life = beginLife({
      ...this.#init,
      disk: this.#disk,
      random: this.#random,
      onStop: (cause) => this.#stopped(cause)
    })
    const connections: Connection[] = []
    const built: BuiltStack = this.#build({
      env: life.env,
      stack,
      options,
      connect: (indications) => {
        const connection = connect(life.env, life.process, indications, () => terms(built.paths, options))
        connections.push(connection)
        return {
          send: (to, message) => {
            this.#reached('send', ++this.#sends)
            if (!life.process.stopped) connection.carrier.send(to, message)
          }
        }
      },
      application: {
        deliver: (delivery) => this.#consume(delivery),
        ready: () => this.#broadcastWanted()
      }
    })
    const { instance } = built
    const [connection] = connections as [Connection]
    this.#running = { ...life, connection, instance }
    if (onState !== undefined) life.process.onTurnEnd(() => onState(instance.state()))
    life.process.input(() => {
      instance.restore()
      connection.start()
    })
    this.#broadcastWanted()
  }

  #build(init: StackInit): BuiltStack {
    const sink = this.#init.recordLife?.(init.env.incarnation)
    return sink === undefined ? buildStack(init) : recordStack(init, sink)
  }

  /** The application asks for a broadcast: now, or as soon as the member is there and its window admits it. */
  broadcast(payload: Uint8Array): void {
    this.#wanted.push(payload)
    this.#broadcastWanted()
  }

  /** Its clock is stepped, as an operator or a time service does it; nothing may depend on that. @returns false if it is down */
  jumpClock(ms: number): boolean {
    this.#running?.clock.jump(ms)
    return this.#running !== undefined
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

  restart(): void {
    if (this.#running !== undefined) return
    this.#init.onRestart()
    this.start()
  }

  #stopped(cause: Error): void {
    const { onStop, scheduler, lane } = this.#init
    if (cause instanceof DiskError && this.crash()) {
      scheduler.after(cause.downUs, () => this.restart(), lane)
      return
    }
    this.#running?.connection.detach()
    this.#running = undefined
    onStop(cause)
  }

  #consume(delivery: Delivery): void {
    const { self, scheduler, lane, choices, record } = this.#init
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
    const acknowledge = () => {
      if (running === undefined || this.#running !== running) return
      running.process.input(() => {
        if (position >= running.instance.acknowledged) running.instance.acknowledge(position)
      })
    }
    scheduler.after(choices.consume(self, ++this.#deliveries), acknowledge, lane)
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

  /** Crashes before the n-th message leaves, or while the n-th batch is being written. */
  #reached(event: CrashOn['event'], number: number): void {
    const { crashesOn, scheduler, lane } = this.#init
    const choice = crashesOn.find((crash) => crash.event === event && crash.number === number)
    if (choice !== undefined && this.crash()) scheduler.after(choice.us, () => this.restart(), lane)
  }
}
