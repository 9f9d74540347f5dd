/**
 * A correct process of a simulated group, member or client: its stack, its disk, its application, and its lives from
 * start to crash.
 */
import type { PlainValue } from '../core/trace.ts'
import type { BuiltStack } from '../stacks/build.ts'
import { terms } from '../stacks/paths.ts'
import type { StackInstance } from '../stacks/stack.ts'
import type { Application, ApplicationInit, Request } from './application.ts'
import { BroadcastApplication } from './broadcast-application.ts'
import { DiskError, SimulatedDisk } from './disk.ts'
import type { MemberInit } from './member-init.ts'
import { RegisterApplication } from './register-application.ts'
import type { Planned } from './schedule.ts'
import { SeededRandom } from './seeded-random.ts'
import { beginLife, type Connection, type Life } from './simulated-process.ts'

export type CrashOn = Extract<Planned, { kind: 'crash-on' }>

export interface CorrectMemberInit extends MemberInit, Pick<ApplicationInit, 'record' | 'recordLife'> {
  /** It came back after a crash or a failed sync. */
  readonly onRestart: () => void
  readonly onTornBatch: () => void
  readonly crashesOn: readonly CrashOn[]
  /** Told of each component's state after each turn; absent unless somebody wants to see them. */
  readonly onState: ((states: { readonly [path: string]: PlainValue }) => void) | undefined
}

interface Running extends Life {
  readonly connection: Connection
}

export class CorrectMember {
  readonly #init: CorrectMemberInit
  readonly #disk: SimulatedDisk
  readonly #random: SeededRandom
  readonly #application: Application
  #running: Running | undefined
  /** Messages sent so far, in all lives. */
  #sends = 0

  constructor(init: CorrectMemberInit) {
    this.#init = init
    const { self, seed, stack, onTornBatch } = init
    this.#random = new SeededRandom(seed, `process/${self}`)
    this.#disk = new SimulatedDisk({ ...init, process: self, onTornBatch })
    this.#disk.onSync = (number) => this.#reached('sync', number)
    const application = { ...init, onReturn: (number: number) => this.#reached('return', number) }
    this.#application =
      stack.abstraction === 'broadcast'
        ? new BroadcastApplication(stack, application)
        : new RegisterApplication(stack, application)
  }

  get disk(): SimulatedDisk {
    return this.#disk
  }

  /** Messages sent so far, in all lives. */
  get sends(): number {
    return this.#sends
  }

  start(): void {
    const { options, connect, onState } = this.#init
    if (this.#running !== undefined) return
    const life = beginLife({
      ...this.#init,
      disk: this.#disk,
      random: this.#random,
      onStop: (cause) => this.#stopped(cause)
    })
    const connections: Connection[] = []
    const built: BuiltStack<StackInstance> = this.#application.build(
      {
        env: life.env,
        options,
        connect: (indications) => {
          const connection = connect(life.env, life.process, indications, () => terms(built, options))
          connections.push(connection)
          return {
            send: (to, message) => {
              this.#reached('send', ++this.#sends)
              if (!life.process.stopped) connection.carrier.send(to, message)
            }
          }
        }
      },
      life.process
    )
    const { instance } = built
    const [connection] = connections as [Connection]
    this.#running = { ...life, connection }
    if (onState !== undefined) life.process.onTurnEnd(() => onState(instance.state()))
    life.process.input(() => {
      instance.restore()
      connection.start()
    })
    this.#application.began()
  }

  ask(request: Request, payload: Uint8Array): void {
    this.#application.ask(request, payload)
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
    this.#application.ended()
    this.#disk.crash()
    record({ time: scheduler.now, process: self, kind: 'crash' })
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
    const { onStop, scheduler, lane } = this.#init
    if (cause instanceof DiskError && this.crash()) {
      scheduler.after(cause.downUs, () => this.restart(), lane)
      return
    }
    this.#running?.connection.detach()
    this.#running = undefined
    this.#application.ended()
    onStop(cause)
  }

  /** Crashes before the n-th message leaves, while the n-th batch is being written, or as the n-th operation returns. */
  #reached(event: CrashOn['event'], number: number): void {
    const { crashesOn, scheduler, lane } = this.#init
    const choice = crashesOn.find((crash) => crash.event === event && crash.number === number)
    if (choice !== undefined && this.crash()) scheduler.after(choice.us, () => this.restart(), lane)
  }
}
