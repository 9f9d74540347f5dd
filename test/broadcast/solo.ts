/**
 * One process of a group, alone: a component on ports whose carrier the test holds. The test hands in messages as any
 * peer could send them, and reads what the component sends, delivers and accuses.
 */
import type { BroadcastIndications } from '../../src/broadcast/numbered-broadcast.ts'
import type { Environment } from '../../src/core/environment.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../../src/core/group.ts'
import type { Message, Messages } from '../../src/core/messages.ts'
import { Process } from '../../src/core/process.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import type { CarrierIndications } from '../../src/links/carrier.ts'
import { Ports } from '../../src/links/ports.ts'
import { SimulatedClock } from '../../src/simulator/clock.ts'
import { Scheduler } from '../../src/simulator/scheduler.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'

export const payload = (text: string) => new TextEncoder().encode(text)
export const digestOf = (bytes: Uint8Array) => nobleBackend.sha256(bytes)

export interface Sent {
  readonly to: ProcessId
  readonly path: string
  readonly message: Message
}

export type Delivered = {
  readonly sender: ProcessId
  readonly sequence: number
  readonly payload: Uint8Array
}

export class Solo<C> {
  readonly group: Group
  readonly self: ProcessId
  readonly sent: Sent[] = []
  readonly delivered: Delivered[] = []
  readonly gaps: (readonly [sender: ProcessId, from: number, to: number])[] = []
  readonly faults: Fault[] = []
  readonly landmarks: string[] = []
  /** How often `ready` was indicated. */
  ready = 0
  readonly component: C
  readonly env: Environment
  readonly disk: Map<string, Uint8Array>
  readonly process: Process
  readonly #scheduler = new Scheduler()
  readonly #messages = new Map<string, Messages<Message>>()
  readonly #ports: Ports
  #carrier: CarrierIndications | undefined
  stopped: Error | undefined

  constructor(
    n: number,
    self: ProcessId,
    make: (env: Environment, ports: Ports, indications: BroadcastIndications) => C,
    /** What an earlier life had stored. */
    disk: Map<string, Uint8Array> = new Map()
  ) {
    this.self = self
    this.disk = disk
    const publicKeys = Array.from({ length: n }, (_, rank) => new SeededRandom(1, `key/${rank}`).bytes(32))
    this.group = createGroup({ id: new Uint8Array(32), f: byzantineResilience(n), publicKeys })
    this.process = new Process({
      journal: {
        append: (batch, done) => {
          for (const { key, value } of batch) {
            if (value === undefined) disk.delete(key)
            else disk.set(key, value)
          }
          done()
        }
      },
      onStop: (cause) => {
        this.stopped = cause
      }
    })
    const restored = [...disk].sort(([a], [b]) => (a < b ? -1 : 1))
    this.env = {
      self,
      incarnation: 1,
      fresh: true,
      group: this.group,
      clock: new SimulatedClock(this.#scheduler, { offsetMs: 0, driftPpm: 0 }, (handler) =>
        this.process.input(handler)
      ),
      random: new SeededRandom(1, `solo/${self}`),
      crypto: symbolicCrypto(this.group, 1, nobleBackend.sha256)(self),
      observer: {
        tracing: false,
        event: () => {},
        fault: (fault) => this.faults.push(fault),
        landmark: (name) => this.landmarks.push(name)
      },
      store: {
        put: (key, value) => this.process.write({ key, value }),
        delete: (key) => this.process.write({ key, value: undefined }),
        restored: (prefix) =>
          restored
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, value]) => [key.slice(prefix.length), value]),
        read: (key, then) => this.process.whenDurable(() => this.process.input(() => then(disk.get(key))))
      },
      trigger: (handler) => this.process.trigger(handler),
      whenDurable: (effect) => this.process.whenDurable(effect),
      onTurnEnd: (flush) => this.process.onTurnEnd(flush)
    }
    this.#ports = new Ports(this.env, (indications) => {
      this.#carrier = indications
      return { send: (to, encoded) => this.#record(to, encoded) }
    })
    const open = this.#ports.open.bind(this.#ports)
    this.#ports.open = (path, messages, indications) => {
      this.#messages.set(path, messages as Messages<never> as Messages<Message>)
      return open(path, messages, indications)
    }
    this.component = make(this.env, this.#ports, {
      deliver: (sender, sequence, bytes) => this.delivered.push({ sender, sequence, payload: bytes }),
      gap: (...gap) => this.gaps.push(gap),
      ready: () => this.ready++
    })
  }

  /** An input of the application. */
  do(handler: (component: C) => void): void {
    this.process.input(() => handler(this.component))
    if (this.stopped !== undefined) throw this.stopped
  }

  /** A message of `from`, as it comes over the links. */
  receive(from: ProcessId, path: string, message: Message): void {
    this.receiveAtOnce([{ from, path, message }])
  }

  /** Messages that come in one turn, one after the other. */
  receiveAtOnce(messages: readonly { from: ProcessId; path: string; message: Message }[]): void {
    this.process.input(() => {
      for (const { from, path, message } of messages) {
        const port = this.#ports.paths.indexOf(path)
        const encoded = this.#messages.get(path)?.encode(message) ?? new Uint8Array(0)
        this.process.input(() => this.#carrier?.deliver(from, Uint8Array.of(port, ...encoded)))
      }
    })
    if (this.stopped !== undefined) throw this.stopped
    // What is due at once: those who have had their share of a turn have one in the next.
    this.passTime(0)
  }

  /** What was taken in of a peer so far. */
  takenIn(peer: ProcessId) {
    return this.#ports.takenIn.find((taken) => taken.peer === peer)
  }

  /** A new session with `peer`, which reports its bases: from then on it is sent what its window admits. */
  session(path: string, peer: ProcessId, bases: readonly number[] = this.group.ranks.map(() => 0)): void {
    this.startSession(peer)
    this.receive(peer, `${path}/windows`, { type: 'STATUS', bases })
  }

  startSession(peer: ProcessId): void {
    this.process.input(() => this.#carrier?.sessionStarted(peer))
  }

  /** Sessions with all others. */
  sessions(path: string): void {
    for (const peer of this.group.ranks) if (peer !== this.self) this.session(path, peer)
    this.sent.length = 0
  }

  passTime(ms: number): void {
    const until = this.#scheduler.now + ms * 1000
    while (this.#scheduler.step(until)) if (this.stopped !== undefined) throw this.stopped
    this.#scheduler.at(until, () => {})
    this.#scheduler.step(until)
  }

  /** What was sent of one type on one path, once for each receiver. */
  sentOf(type: string, path?: string): Sent[] {
    return this.sent.filter(
      ({ message, path: on }) => message.type === type && (path === undefined || on === path)
    )
  }

  #record(to: ProcessId, encoded: Uint8Array): void {
    const path = this.#ports.paths[encoded[0] ?? 0] ?? ''
    const message = this.#messages.get(path)?.decode(encoded.subarray(1))
    if (message !== undefined) this.sent.push({ to, path, message })
  }
}
