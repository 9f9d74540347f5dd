/**
 * A correct process of a simulated group, member or client: its stack, its disk, its application, and its lives from
 * start to crash.
 */
import type { PlainValue } from '../core/trace.ts'
import { terms } from '../stacks/paths.ts'
import type { StackInstance } from '../stacks/stack.ts'
import type { Application, ApplicationInit, Request, SimulatedUse } from './application.ts'
import { DiskError, SimulatedDisk } from './disk.ts'
import type { HistoryEvent } from './history.ts'
import type { Pauses } from './pauses.ts'
import type { SimulatedProcessInit } from './process-init.ts'
import type { Planned } from './schedule.ts'
import { SeededRandom } from './seeded-random.ts'
import { beginLife, type Connection, type Life } from './simulated-process.ts'

export type CrashOn = Extract<Planned, { kind: 'crash-on' }>

export interface CorrectProcessInit
  extends SimulatedProcessInit,
    Pick<ApplicationInit, 'record' | 'recordLife'> {
  readonly use: SimulatedUse
  /** It came back after a crash or a failed sync. */
  readonly onRestart: () => void
  readonly onTornBatch: () => void
  readonly crashesOn: readonly CrashOn[]
  readonly pauses: Pauses
  /** Told of each component's state after each turn; absent unless somebody wants to see them. */
  readonly onState: ((states: { readonly [path: string]: PlainValue }) => void) | undefined
}

interface Running extends Life {
  readonly connection: Connection
  readonly instance: StackInstance
}

export class CorrectProcess {
  readonly #init: CorrectProcessInit
  readonly #disk: SimulatedDisk
  readonly #random: SeededRandom
  readonly #application: Application
  #running: Running | undefined
  /** Messages sent so far, in all lives. */
  #sends = 0
  /** Its crashes in which nothing was on its way to the disk. */
  readonly atRest: HistoryEvent[] = []

  constructor(init: CorrectProcessInit) {
    this.#init = init
    const { self, seed, stack, use, onTornBatch } = init
    this.#random = new SeededRandom(seed, `process/${self}`)
    this.#disk = new SimulatedDisk({ ...init, process: self, onTornBatch })
    this.#disk.onSync = (number) => this.#reached('sync', number)
    this.#application = use.application(stack, {
      ...init,
      onReturn: (number) => this.#reached('return', number)
    })
  }

  get disk(): SimulatedDisk {
    return this.#disk
  }

  /** Messages sent so far, in all lives. */
  get sends(): number {
    return this.#sends
  }

  /** Of each component, by its path; undefined while it is down. */
  state(): { readonly [path: string]: PlainValue } | undefined {
    return this.#running?.instance.state()
  }

  start(): void {
    const { options, connect, onState, pauses, scheduler, precedence } = this.#init
    if (this.#running !== undefined) return
    const paused = pauses.until(scheduler.now)
    if (paused > scheduler.now) {
      scheduler.at(paused, () => this.start(), precedence)
      return
    }
    const life = beginLife({
      ...this.#init,
      disk: this.#disk,
      random: this.#random,
      onStop: (cause) => this.#stopped(cause)
    })
    const { env, process } = life
    const stack = this.#application.build({ env, options }, process)
    const connection = connect(env, process, stack.indications, terms(stack.openPorts))
    stack.attach({
      send: (to, message) => {
        this.#reached('send', ++this.#sends)
        if (!process.stopped) connection.carrier.send(to, message)
      }
    })
    const { instance } = stack
    this.#running = { ...life, connection, instance }
    if (onState !== undefined) process.onTurnEnd(() => onState(instance.state()))
    process.input(() => {
      instance.restore()
      connection.start()
    })
    this.#application.began()
  }

  /** @returns false if its application does not know of such a request */
  ask(request: Request, payload: Uint8Array): boolean {
    return this.#application.ask(request, payload)
  }

  /**
   * Its clock is stepped, as an operator or a time service does it; nothing may depend on that. @returns false if it is
   * down
   */
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
    this.#application.ended()
    const crash = { time: scheduler.now, process: self, kind: 'crash' } as const
    if (!this.#disk.syncing) this.atRest.push(crash)
    this.#disk.crash()
    record(crash)
    return true
  }

  restart(): void {
    const { self, scheduler, record, onRestart } = this.#init
    if (this.#running !== undefined) return
    record({ time: scheduler.now, process: self, kind: 'restart' })
    onRestart()
    this.start()
  }

  #stopped(cause: Error): void {
    const { onStop, scheduler, precedence } = this.#init
    if (cause instanceof DiskError && this.crash()) {
      scheduler.after(cause.downUs, () => this.restart(), precedence)
      return
    }
    this.#running?.connection.detach()
    this.#running = undefined
    this.#application.ended()
    onStop(cause)
  }

  /**
   * Crashes before the n-th message leaves, while the n-th batch is being written, or as the n-th operation returns.
   */
  #reached(event: CrashOn['event'], number: number): void {
    const { crashesOn, scheduler, precedence } = this.#init
    const choice = crashesOn.find((crash) => crash.event === event && crash.number === number)
    if (choice !== undefined && this.crash()) scheduler.after(choice.us, () => this.restart(), precedence)
  }
}
