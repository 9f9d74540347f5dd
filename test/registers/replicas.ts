/**
 * A group in memory: correct members and clients run a register component, liars are scripts of the test. Messages travel
 * when the test says so; those it holds back come later, in their order.
 */
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId, peersOf, publicKeyOf } from '../../src/core/group.ts'
import type { Message, Messages } from '../../src/core/messages.ts'
import type { Process } from '../../src/core/process.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import type { OpenOperation } from '../../src/exchange/operation.ts'
import { beginHeldLife } from '../../src/laboratory/held-life.ts'
import type { CarrierIndications } from '../../src/links/carrier.ts'
import { Ports } from '../../src/links/ports.ts'
import type { RegisterOptions } from '../../src/registers/constants.ts'
import {
  type ReadResult,
  type RegisterId,
  soleWriter,
  type WriteResult
} from '../../src/registers/register.ts'
import { SimulatedClock } from '../../src/simulator/clock.ts'
import { MS, Scheduler } from '../../src/simulator/scheduler.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import type { RegisterInstance, RegisterStack } from '../../src/stacks/stack.ts'

export const bytes = (text: string) => new TextEncoder().encode(text)

export interface Travelling {
  readonly from: ProcessId
  readonly to: ProcessId
  readonly message: Message
}

/** What a liar answers to what it gets. */
export type Script = (from: ProcessId, message: Message) => readonly Message[]

export interface ReplicasInit {
  readonly stack: RegisterStack
  readonly messages: Messages<Message>
  readonly n: number
  readonly f?: number
  readonly clients?: number
  readonly liars?: { readonly [member: ProcessId]: Script }
  readonly options?: RegisterOptions
}

interface Life {
  readonly process: Process
  readonly instance: RegisterInstance
  readonly carrier: CarrierIndications
}

export class Read {
  result: ReadResult | undefined
  operation: OpenOperation = { abandon() {} }

  /** Undefined until it returns; null for the initial value. */
  get text(): string | null | undefined {
    return this.result && (this.result.value === null ? null : new TextDecoder().decode(this.result.value))
  }
}

export class Replicas {
  readonly group: Group
  readonly faults: (Fault & { readonly by: ProcessId })[] = []
  readonly landmarks = new Set<string>()
  /** Everything that was sent, in order. */
  readonly sent: Travelling[] = []
  /** Values of writes that a later life finished. */
  readonly resumed: string[] = []
  readonly #init: ReplicasInit
  readonly #messages: Messages<Message>
  readonly #scheduler = new Scheduler()
  readonly #disks = new Map<ProcessId, Map<string, Uint8Array>>()
  readonly #lives = new Map<ProcessId, Life>()
  readonly #incarnations = new Map<ProcessId, number>()
  #queue: Travelling[] = []
  #isHeld: (message: Travelling) => boolean = () => false

  constructor(init: ReplicasInit) {
    const { stack, n, f = stack.resilience.largest(n), clients = 2, liars = {} } = init
    this.#init = init
    this.#messages = init.messages
    const key = (process: ProcessId) => new SeededRandom(1, `key/${process}`).bytes(32)
    this.group = createGroup({
      id: new Uint8Array(32),
      f,
      publicKeys: Array.from({ length: n }, (_, rank) => key(rank)),
      clients: Array.from({ length: clients }, (_, client) => key(n + client))
    })
    const processes = Array.from({ length: n + clients }, (_, process) => process)
    for (const process of processes) if (!(process in liars)) this.#start(process)
    for (const process of processes) this.#connect(process)
  }

  /** The register that a process writes. */
  registerOf(writer: ProcessId, name = 'register'): RegisterId {
    return soleWriter(publicKeyOf(this.group, writer) as Uint8Array, name)
  }

  client(number: number): ProcessId {
    return this.group.n + number
  }

  /** Begins a read; what it returns is there once messages have travelled. */
  read(reader: ProcessId, register: RegisterId): Read {
    const read = new Read()
    this.#input(reader, ({ instance }) => {
      read.operation = instance.services.registers.read(register, (result) => {
        read.result = result
      })
    })
    return read
  }

  write(writer: ProcessId, register: RegisterId, value: string): { result: WriteResult | undefined } {
    const write = { result: undefined as WriteResult | undefined }
    this.#input(writer, ({ instance }) => {
      instance.services.registers.write(register, bytes(value), (result) => {
        write.result = result
      })
    })
    return write
  }

  /** Messages of which this is true wait from now on; the others travel. */
  hold(isHeld: (message: Travelling) => boolean): void {
    this.#isHeld = isHeld
  }

  /** Lets all messages travel that are not held, and those that follow from them. */
  run(): void {
    for (;;) {
      const at = this.#queue.findIndex((message) => !this.#isHeld(message))
      const [next] = at < 0 ? [] : this.#queue.splice(at, 1)
      if (next !== undefined) this.#arrive(next)
      // What waits for its turn has it at once.
      else if (!this.#scheduler.step(this.#scheduler.now)) return
    }
  }

  passTime(ms: number): void {
    const until = this.#scheduler.now + ms * MS
    this.run()
    while (this.#scheduler.step(until)) this.run()
    this.#scheduler.at(until, () => {})
    this.#scheduler.step(until)
  }

  /** A message of `from`, whatever it may be, behind those that are under way. */
  say(from: ProcessId, to: ProcessId, message: Message): void {
    this.#queue.push({ from, to, message })
  }

  /** What was under way to or from it is lost; its disk is not, unless it is emptied. */
  crash(process: ProcessId): void {
    this.#lives.delete(process)
    this.#queue = this.#queue.filter(({ from, to }) => from !== process && to !== process)
  }

  restart(process: ProcessId, { emptied = false } = {}): void {
    if (emptied) this.#disks.delete(process)
    this.#start(process)
    this.#connect(process)
  }

  /** A session ends, with all that was under way in it, and a new one begins. */
  newSession(a: ProcessId, b: ProcessId): void {
    this.#queue = this.#queue.filter(({ from, to }) => !(from === a && to === b) && !(from === b && to === a))
    for (const [self, peer] of [
      [a, b],
      [b, a]
    ] as const)
      if (this.#lives.has(self))
        this.#input(self, ({ carrier }) => {
          carrier.sessionEnded(peer, 'replaced')
          carrier.sessionStarted(peer)
        })
  }

  resuming(process: ProcessId): number {
    return this.#life(process).instance.resuming ?? 0
  }

  state(process: ProcessId) {
    return this.#life(process).instance.state()
  }

  #connect(process: ProcessId): void {
    for (const peer of peersOf(this.group, process)) {
      const isThere = this.#lives.has(peer) || peer in (this.#init.liars ?? {})
      if (isThere) this.newSession(process, peer)
    }
  }

  #arrive({ from, to, message }: Travelling): void {
    const script = this.#init.liars?.[to]
    if (script !== undefined) {
      for (const answer of script(from, message)) this.#queue.push({ from: to, to: from, message: answer })
    } else if (this.#lives.has(to)) {
      const encoded = Uint8Array.of(0, ...this.#messages.encode(message))
      this.#input(to, ({ carrier }) => carrier.deliver(from, encoded))
    }
  }

  #input(process: ProcessId, handler: (life: Life) => void): void {
    const life = this.#life(process)
    let thrown: unknown
    life.process.input(() => {
      try {
        handler(life)
      } catch (error) {
        thrown = error
      }
    })
    if (thrown !== undefined) throw thrown
  }

  #life(process: ProcessId): Life {
    const life = this.#lives.get(process)
    if (life === undefined) throw new Error(`process ${process} runs`)
    return life
  }

  #start(self: ProcessId): void {
    const disk = this.#disks.get(self) ?? new Map<string, Uint8Array>()
    this.#disks.set(self, disk)
    const incarnation = (this.#incarnations.get(self) ?? 0) + 1
    this.#incarnations.set(self, incarnation)
    const { process, env } = beginHeldLife({
      self,
      incarnation,
      group: this.group,
      disk,
      clock: (input) =>
        new SimulatedClock(this.#scheduler, { offsetMs: 0, driftPpm: 0 }, (handler) => {
          if (this.#lives.get(self)?.process === process) input(handler)
        }),
      random: new SeededRandom(1, `replicas/${self}`),
      crypto: symbolicCrypto(this.group, 1, nobleBackend.sha256)(self),
      observer: {
        fault: (fault) => this.faults.push({ ...fault, by: self }),
        landmark: (name) => this.landmarks.add(name)
      },
      read: () => {
        throw new Error('no register reads the disk')
      }
    })
    const ports = new Ports(env)
    ports.attach({ send: (to, encoded) => this.#send(self, to, encoded) })
    const { stack, options = {} } = this.#init
    const instance = stack.build(env, ports, options, {
      resumed: (_, value) => this.resumed.push(new TextDecoder().decode(value ?? undefined))
    })
    this.#lives.set(self, { process, instance, carrier: ports.indications })
    process.input(() => instance.restore())
  }

  #send(from: ProcessId, to: ProcessId, encoded: Uint8Array): void {
    const message = this.#messages.decode(encoded.subarray(1))
    if (message === undefined) throw new Error('a correct process sends its own messages')
    const sent = { from, to, message }
    this.sent.push(sent)
    this.#queue.push(sent)
  }
}

/** Gives no answer at all. */
export const silent: Script = () => []
