/**
 * One process of a group, alone: a component on ports whose carrier the test holds. The test hands in messages as any
 * peer could send them, and reads what the component sends and whom it accuses. So a protocol is tested line by line.
 *
 * Whatever the component does happens at once, in the turn of the input; time passes when the test says so. What is
 * written is durable at once too, unless the disk is made slow.
 */
import type { Environment } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import type { Process } from '../core/process.ts'
import { byzantineResilience } from '../core/quorum.ts'
import type { ComponentEvent } from '../core/trace.ts'
import { nobleBackend } from '../crypto/index.ts'
import type { TakenIn } from '../links/intake.ts'
import { Ports } from '../links/ports.ts'
import { SimulatedClock } from '../simulator/clock.ts'
import { MS, Scheduler } from '../simulator/scheduler.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import { symbolicCrypto } from '../simulator/symbolic-crypto.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'
import { beginHeldLife, type HeldLife } from './held-life.ts'

export interface SoloInit<C> {
  /** How many members its group has. */
  readonly members: number
  /** Default: as many as Byzantine agreement admits, the largest f with n > 3f. */
  readonly faults?: number
  /** How many clients, who come after the members; default: none. */
  readonly clients?: number
  /** Which process it is; default: member 0. */
  readonly self?: ProcessId
  /** Makes the component, as a stack does. What it indicates, the test keeps as it likes. */
  readonly make: (env: Environment, ports: Ports) => C
  /** What an earlier life had stored, and where this one stores; default: nothing yet. */
  readonly disk?: Map<string, Uint8Array>
  /** The number of this life, which grows with each start; default: 1. */
  readonly life?: number
}

/** A message that left, decoded. */
export interface Sent {
  readonly to: ProcessId
  /** Of the port on which it left. */
  readonly path: string
  readonly message: Message
}

/** A message as it comes over the links. */
export interface Received {
  readonly from: ProcessId
  readonly path: string
  readonly message: Message
}

/** The public key of a process of such a group. */
export const soloKey = (process: ProcessId): Uint8Array => new SeededRandom(1, `key/${process}`).bytes(32)

export class Solo<C> {
  readonly group: Group
  readonly self: ProcessId
  readonly component: C
  readonly env: Environment
  readonly disk: Map<string, Uint8Array>
  /** What has left, in order. */
  readonly sent: Sent[] = []
  readonly faults: Fault[] = []
  readonly landmarks: string[] = []
  /** All that happened, for a diagram. */
  readonly events: TraceEvent[] = []
  /** While true nothing becomes durable, and nothing leaves that waits for it. */
  slow = false
  /** Why it has stopped: a handler threw. What comes into such a process throws the same. */
  stopped: Error | undefined
  readonly #waiting: (() => void)[] = []
  readonly #process: Process
  readonly #scheduler = new Scheduler()
  readonly #ports: Ports

  constructor(init: SoloInit<C>) {
    const { members, clients = 0, self = 0, disk = new Map(), life = 1 } = init
    this.self = self
    this.disk = disk
    const keys = Array.from({ length: members + clients }, (_, process) => soloKey(process))
    this.group = createGroup({
      id: new Uint8Array(32),
      f: init.faults ?? byzantineResilience(members),
      publicKeys: keys.slice(0, members),
      clients: keys.slice(members)
    })
    const { process, env } = this.#begin(life)
    this.#process = process
    this.env = env
    this.#ports = new Ports(this.env)
    this.#ports.attach({ send: (to, encoded) => this.#left(to, encoded) })
    this.component = init.make(this.env, this.#ports)
  }

  /** A request of the application, in a turn of its own. */
  do(request: (component: C) => void): void {
    this.#input(() => request(this.component))
  }

  /** A message of `from`. @throws Error if there is no such port */
  receive(from: ProcessId, path: string, message: Message): void {
    this.receiveAtOnce([{ from, path, message }])
  }

  /** Messages that come in one turn, one after the other. */
  receiveAtOnce(messages: readonly Received[]): void {
    const encoded = messages.map(({ from, path, message }) => ({ from, bytes: this.#encode(path, message) }))
    this.#input(() => {
      for (const { from, bytes } of encoded)
        this.#process.input(() => this.#ports.indications.deliver(from, bytes))
    })
    // What is due at once: those who have had their share of a turn have one in the next.
    this.passTime(0)
  }

  /** A session with `peer` begins. */
  startSession(peer: ProcessId): void {
    this.#tell({ kind: 'session', peer, change: 'started' })
    this.#input(() => this.#ports.indications.sessionStarted(peer))
  }

  endSession(peer: ProcessId, reason = 'the test ends it'): void {
    this.#tell({ kind: 'session', peer, change: 'ended', reason })
    this.#input(() => this.#ports.indications.sessionEnded(peer, reason))
  }

  /** Timers go off that are due by then. */
  passTime(ms: number): void {
    const until = this.#scheduler.now + ms * MS
    while (this.#scheduler.step(until)) if (this.stopped !== undefined) throw this.stopped
    this.#scheduler.at(until, () => {})
    this.#scheduler.step(until)
  }

  /** What was written becomes durable, and what waited for it leaves. */
  sync(): void {
    this.slow = false
    for (const sync of this.#waiting.splice(0)) sync()
    if (this.stopped !== undefined) throw this.stopped
  }

  /** What was sent of one type, on one path or on any, once for each receiver. */
  sentOf(type: string, path?: string): Sent[] {
    return this.sent.filter(
      (sent) => sent.message.type === type && (path === undefined || sent.path === path)
    )
  }

  /** What was taken in of a peer so far. */
  takenIn(peer: ProcessId): TakenIn | undefined {
    return this.#ports.takenIn.find((taken) => taken.peer === peer)
  }

  #input(handler: () => void): void {
    this.#process.input(handler)
    if (this.stopped !== undefined) throw this.stopped
  }

  #encode(path: string, message: Message): Uint8Array {
    const number = this.#ports.paths.indexOf(path)
    const port = this.#ports.openPorts[number]
    if (port === undefined)
      throw new Error(`there is no port ${path}: there are ${this.#ports.paths.join(', ') || 'none'}`)
    return Uint8Array.of(number, ...port.messages.encode(message))
  }

  #left(to: ProcessId, encoded: Uint8Array): void {
    const port = this.#ports.openPorts[encoded[0] ?? 0]
    const message = port?.messages.decode(encoded.subarray(1))
    if (port !== undefined && message !== undefined) this.sent.push({ to, path: port.path, message })
  }

  #begin(life: number): HeldLife {
    const { self, group } = this
    const now = () => this.#scheduler.now
    return beginHeldLife({
      self,
      incarnation: life,
      group,
      disk: this.disk,
      clock: (input) => new SimulatedClock(this.#scheduler, { offsetMs: 0, driftPpm: 0 }, input),
      random: new SeededRandom(1, `solo/${self}`),
      crypto: symbolicCrypto(group, 1, nobleBackend.sha256)(self),
      observer: {
        tracing: true,
        event: (event) => this.#tell(event),
        fault: (fault) => {
          this.faults.push(fault)
          this.events.push({ time: now(), process: self, kind: 'fault', fault })
        },
        landmark: (name) => {
          this.landmarks.push(name)
          this.events.push({ time: now(), process: self, kind: 'landmark', name })
        }
      },
      sync: (durable) => {
        if (this.slow) this.#waiting.push(durable)
        else durable()
      },
      onStop: (cause) => {
        this.stopped = cause
      }
    })
  }

  #tell(event: ComponentEvent): void {
    const [time, process] = [this.#scheduler.now, this.self]
    const isMessage = event.kind === 'send' || event.kind === 'receive'
    this.events.push(
      isMessage ? { time, process, id: this.events.length, ...event } : { time, process, ...event }
    )
  }
}
