/**
 * One process of a group with clients, alone: a register on ports whose carrier the test holds. The test hands in messages
 * as any peer could send them, and reads what the register sends, returns and accuses.
 */
import type { Environment } from '../../src/core/environment.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../../src/core/group.ts'
import type { Message, Messages } from '../../src/core/messages.ts'
import { Process } from '../../src/core/process.ts'
import { crashResilience } from '../../src/core/quorum.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import type { CarrierIndications } from '../../src/links/carrier.ts'
import { Ports } from '../../src/links/ports.ts'
import type { Answered, CallId } from '../../src/registers/call-id.ts'
import {
  type ReadResult,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  soleWriter,
  type WriteResult
} from '../../src/registers/register.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { answerTo } from './calls.ts'

export const bytesOf = (text: string) => new TextEncoder().encode(text)
export const textOf = (value: Uint8Array | null) => value && new TextDecoder().decode(value)

export const keyOf = (process: ProcessId) => new SeededRandom(1, `key/${process}`).bytes(32)

export interface Sent {
  readonly to: ProcessId
  readonly message: Message
}

export interface SoloInit<R> {
  readonly n: number
  readonly clients?: number
  readonly self: ProcessId
  readonly make: (env: Environment, ports: Ports, indications: RegisterIndications) => R
  /** What an earlier life had stored. */
  readonly disk?: Map<string, Uint8Array>
  /** Default: the first. */
  readonly life?: number
}

export class Solo<R extends RegisterRequests> {
  readonly group: Group
  readonly register: R
  /** Of the first client. */
  readonly id: RegisterId
  readonly disk: Map<string, Uint8Array>
  readonly sent: Sent[] = []
  readonly faults: Fault[] = []
  readonly landmarks: string[] = []
  readonly resumed: (string | null)[] = []
  readonly reads: (readonly [value: string | null, timestamp: number])[] = []
  readonly writes: WriteResult[] = []
  /** While true, the disk takes its time: nothing is durable, and nothing leaves. */
  slow = false
  readonly #waiting: (() => void)[] = []
  readonly #process: Process
  readonly #ports: Ports
  /** What this process has asked, by number. */
  readonly #asked = new Map<number, Message>()
  #messages: Messages<Message> | undefined
  #carrier: CarrierIndications | undefined
  #stopped: Error | undefined

  constructor({ n, clients = 2, self, make, disk = new Map(), life = 1 }: SoloInit<R>) {
    this.disk = disk
    const keys = Array.from({ length: n + clients }, (_, process) => keyOf(process))
    this.group = createGroup({
      id: new Uint8Array(32),
      f: crashResilience(n),
      publicKeys: keys.slice(0, n),
      clients: keys.slice(n)
    })
    this.id = soleWriter(keyOf(n), 'x')
    this.#process = new Process({
      journal: {
        append: (batch, done) => {
          const sync = () => {
            for (const { key, value } of batch) {
              if (value === undefined) disk.delete(key)
              else disk.set(key, value)
            }
            done()
          }
          if (this.slow) this.#waiting.push(sync)
          else sync()
        }
      },
      onStop: (cause) => {
        this.#stopped = cause
      }
    })
    const restored = [...disk].sort(([a], [b]) => (a < b ? -1 : 1))
    const env: Environment = {
      self,
      incarnation: life,
      fresh: disk.size === 0,
      group: this.group,
      clock: { now: () => 0, setTimer: () => ({ cancel() {} }) },
      random: new SeededRandom(1, `solo/${self}`),
      crypto: symbolicCrypto(this.group, 1, nobleBackend.sha256)(self),
      observer: {
        tracing: false,
        event: () => {},
        fault: (fault) => this.faults.push(fault),
        landmark: (name) => this.landmarks.push(name)
      },
      store: {
        put: (key, value) => this.#process.write({ key, value }),
        delete: (key) => this.#process.write({ key, value: undefined }),
        read: () => {
          throw new Error('no register reads the disk')
        },
        restored: (prefix) =>
          restored
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, value]) => [key.slice(prefix.length), value])
      },
      trigger: (handler) => this.#process.trigger(handler),
      whenDurable: (effect) => this.#process.whenDurable(effect),
      onTurnEnd: (flush) => this.#process.onTurnEnd(flush)
    }
    this.#ports = new Ports(env, (indications) => {
      this.#carrier = indications
      return {
        send: (to, encoded) => {
          const message = this.#messages?.decode(encoded.subarray(1))
          if (message === undefined) return
          this.sent.push({ to, message })
          const { number } = (message.call ?? {}) as Partial<CallId>
          if (number !== undefined && !('question' in (message.call as object)))
            this.#asked.set(number, message)
        }
      }
    })
    this.register = make(env, this.#ports, {
      resumed: (_, value, { written }) => {
        if (written) this.resumed.push(textOf(value))
      }
    })
    this.#messages = this.#ports.spoken[0]?.messages
  }

  do(handler: (register: R) => void): void {
    this.#process.input(() => handler(this.register))
    if (this.#stopped !== undefined) throw this.#stopped
  }

  read(id = this.id): void {
    this.do((register) =>
      register.read(id, ({ value, timestamp }: ReadResult) => this.reads.push([textOf(value), timestamp]))
    )
  }

  write(value: string, id = this.id): void {
    this.do((register) => register.write(id, bytesOf(value), (result) => this.writes.push(result)))
  }

  /** A message of `from`, as it comes over the links. */
  receive(from: ProcessId, message: Message): void {
    const encoded = this.#messages?.encode(message) ?? new Uint8Array(0)
    this.#process.input(() => this.#carrier?.deliver(from, Uint8Array.of(0, ...encoded)))
    if (this.#stopped !== undefined) throw this.#stopped
  }

  /** What an answer to its n-th question is headed by. */
  answering(number: number): Answered {
    const question = this.#asked.get(number)
    if (question === undefined || this.#messages === undefined)
      throw new Error(`question ${number} was asked`)
    return answerTo(this.#messages, question)
  }

  session(peer: ProcessId): void {
    this.#process.input(() => this.#carrier?.sessionStarted(peer))
  }

  /** What was written becomes durable. */
  sync(): void {
    this.slow = false
    for (const sync of this.#waiting.splice(0)) sync()
  }

  /** What was sent of one type, and forgets it: the message for each receiver. */
  took(type: string): Sent[] {
    const taken = this.sent.filter(({ message }) => message.type === type)
    this.sent.splice(0, this.sent.length, ...this.sent.filter(({ message }) => message.type !== type))
    return taken
  }
}
