/**
 * A group of members and clients in memory, each with a key-value store on real ports. Messages wait in one queue until
 * the test lets them run; what a member sends may be changed on its way: that is how it lies.
 */
import { toHex } from '../../src/core/bytes.ts'
import type { Environment } from '../../src/core/environment.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId, peersOf } from '../../src/core/group.ts'
import type { Message, Messages } from '../../src/core/messages.ts'
import type { Process } from '../../src/core/process.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { isBulk } from '../../src/core/store.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { beginHeldLife } from '../../src/laboratory/held-life.ts'
import type { CarrierIndications } from '../../src/links/carrier.ts'
import { Ports } from '../../src/links/ports.ts'
import { type KeyValueOptions, KeyValueStore } from '../../src/registers/key-value-store.ts'
import type { RegisterId } from '../../src/registers/register.ts'
import { ValueSigner } from '../../src/registers/signed-value.ts'
import { SimulatedClock } from '../../src/simulator/clock.ts'
import { Scheduler } from '../../src/simulator/scheduler.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'

export const bytes = (text: string) => new TextEncoder().encode(text)
export const text = (value: Uint8Array | null) => value && new TextDecoder().decode(value)

/** How long an operation may take that waits for nothing but budgets, milliseconds. */
const ASKED_MS = 20_000

/** What a liar sends in place of a message; nothing at all if undefined. */
export type Lie = (message: Message, to: ProcessId) => Message | undefined

export interface GroupInit {
  readonly n?: number
  readonly clients?: number
  readonly options?: KeyValueOptions
  /** Until a disk answers a read; time passes only if the test lets it. */
  readonly diskMs?: number
  /** Equal bulk of all disks is in memory once. */
  readonly sharesDisks?: boolean
  /** What earlier lives had stored, by process. */
  readonly disks?: ReadonlyMap<ProcessId, Map<string, Uint8Array>>
}

export interface Member {
  readonly store: KeyValueStore
  readonly process: Process
  readonly env: Environment
  readonly faults: Fault[]
  readonly landmarks: string[]
  readonly resumed: string[]
  readonly disk: Map<string, Uint8Array>
  stopped: Error | undefined
}

interface InFlight {
  readonly from: ProcessId
  readonly to: ProcessId
  readonly encoded: Uint8Array
}

/** A disk that has of equal bulk what all such disks have of it. */
class SharingDisk extends Map<string, Uint8Array> {
  readonly #bulk: Map<string, Uint8Array>

  constructor(bulk: Map<string, Uint8Array>) {
    super()
    this.#bulk = bulk
  }

  override set(key: string, value: Uint8Array): this {
    if (!isBulk(key)) return super.set(key, value)
    const name = toHex(defaultBackend.sha256(value))
    const shared = this.#bulk.get(name) ?? value
    this.#bulk.set(name, shared)
    return super.set(key, shared)
  }
}

export class KeyValueGroup {
  readonly group: Group
  readonly members = new Map<ProcessId, Member>()
  readonly #init: GroupInit
  readonly #carriers = new Map<ProcessId, CarrierIndications>()
  readonly #messages: { readonly path: string; readonly messages: Messages<Message> }[] = []
  readonly #incarnations = new Map<ProcessId, number>()
  readonly #lies = new Map<ProcessId, Lie>()
  readonly #silent = new Set<ProcessId>()
  #queue: InFlight[] = []
  #bytes = 0
  readonly #bulk = new Map<string, Uint8Array>()
  readonly #scheduler = new Scheduler()
  /** The most bytes that were under way at a time. */
  peakBytes = 0
  readonly #bytesTo = new Map<ProcessId, number>()
  /** Messages that were carried, by type. */
  readonly carried = new Map<string, number>()

  constructor(init: GroupInit = {}) {
    this.#init = init
    const { n = 4, clients = 2 } = init
    const key = (process: number) => new SeededRandom(1, `key/${process}`).bytes(32)
    this.group = createGroup({
      id: new Uint8Array(32),
      f: byzantineResilience(n),
      publicKeys: Array.from({ length: n }, (_, rank) => key(rank)),
      clients: Array.from({ length: clients }, (_, client) => key(n + client))
    })
    const processes = [...this.group.ranks, ...this.group.clients.map((_, client) => n + client)]
    for (const process of processes) this.start(process)
    for (const process of processes) this.connect(process)
  }

  /** The first client, and so on. */
  client(index = 0): KeyValueStore {
    return this.at(this.group.n + index).store
  }

  key(client = 0): Uint8Array {
    return this.group.clients[client] as Uint8Array
  }

  at(process: ProcessId): Member {
    return this.members.get(process) as Member
  }

  /** A life of a process begins, on the disk that its last one left. */
  start(process: ProcessId): void {
    const disk = this.members.get(process)?.disk ?? this.#init.disks?.get(process) ?? this.#newDisk()
    const faults: Fault[] = []
    const landmarks: string[] = []
    const resumed: string[] = []
    const incarnation = (this.#incarnations.get(process) ?? 0) + 1
    this.#incarnations.set(process, incarnation)
    const { process: life, env } = beginHeldLife({
      self: process,
      incarnation,
      group: this.group,
      disk,
      clock: (input) => new SimulatedClock(this.#scheduler, { offsetMs: 0, driftPpm: 0 }, input),
      random: new SeededRandom(1, `process/${process}`),
      crypto: symbolicCrypto(this.group, 1, defaultBackend.sha256)(process),
      observer: {
        fault: (fault) => faults.push(fault),
        landmark: (name) => landmarks.push(name)
      },
      read: (key, then) =>
        life.whenDurable(() =>
          this.#scheduler.after((this.#init.diskMs ?? 0) * 1000, () => life.input(() => then(disk.get(key))))
        ),
      onStop: (cause) => {
        member.stopped = cause
      }
    })
    const ports = new Ports(env)
    this.#carriers.set(process, ports.indications)
    ports.attach({ send: (to, encoded) => this.#send(life, { from: process, to, encoded }) })
    const store = new KeyValueStore(env, 'key-value-store', ports, this.#init.options ?? {}, {
      resumed: (_, key) => resumed.push(key)
    })
    if (this.#messages.length === 0) this.#messages.push(...ports.openPorts)
    const member: Member = { store, process: life, env, faults, landmarks, resumed, disk, stopped: undefined }
    this.members.set(process, member)
    life.input(() => store.restore())
  }

  /** Sessions of a process with all its peers. */
  connect(process: ProcessId): void {
    for (const peer of peersOf(this.group, process)) {
      this.#resync(process, peer)
      this.#resync(peer, process)
    }
  }

  /** A crash: nothing of it leaves any more, and what was under way to and from it is lost. */
  crash(process: ProcessId): void {
    this.at(process).process.stop()
    this.#queue = this.#queue.filter(({ from, to }) => from !== process && to !== process)
  }

  restart(process: ProcessId): void {
    this.start(process)
    this.connect(process)
  }

  passTime(ms: number): void {
    const until = this.#scheduler.now + ms * 1000
    this.run()
    while (this.#scheduler.step(until)) this.run()
    this.#scheduler.at(until, () => {})
    this.#scheduler.step(until)
  }

  /** What is under way is lost, as when sessions end. */
  loseAll(): void {
    this.#queue = []
    this.#bytes = 0
  }

  lies(process: ProcessId, lie: Lie): void {
    this.#lies.set(process, lie)
  }

  /** Nothing that it sends arrives, nor anything that is sent to it. */
  silence(process: ProcessId, silent = true): void {
    if (silent) this.#silent.add(process)
    else this.#silent.delete(process)
  }

  /** Carries messages until there are none, or `until` holds. */
  run(until: () => boolean = () => false): void {
    // What disks have to answer, and no time passes.
    while ((this.#scheduler.step(this.#scheduler.now) || this.#queue.length > 0) && !until()) {
      const batch = this.#queue
      this.#queue = []
      for (const [index, message] of batch.entries()) {
        this.#carry(message)
        if (!until()) continue
        this.#queue = [...batch.slice(index + 1), ...this.#queue]
        return
      }
    }
    for (const { stopped } of this.members.values()) if (stopped !== undefined) throw stopped
  }

  /** Asks a client for something, and runs until it returns. */
  ask<T>(request: (returned: (result: T) => void) => unknown): T {
    const results: T[] = []
    request((result) => results.push(result))
    // A request is an event of its process's queue: an input runs it.
    for (const { process } of this.members.values()) process.input(() => {})
    this.run(() => results.length > 0)
    // What is large waits for budgets, which time fills.
    for (let waited = 0; results.length === 0 && waited < ASKED_MS; waited += 100) this.passTime(100)
    if (results.length === 0) throw new Error('the operation has not returned')
    return results[0] as T
  }

  /** A message of `from` that it never made itself. */
  forge(from: ProcessId, to: ProcessId, message: Message): void {
    const port = this.#messages.findIndex(({ messages }) =>
      messages.declared.some(({ type }) => type === message.type)
    )
    this.#queue.push({ from, to, encoded: this.#encode(port, message) })
  }

  /** A value that this writer has signed, whatever its own store says. */
  signed(client: number, register: RegisterId, timestamp: number, value: Uint8Array, content = 0) {
    const signer = new ValueSigner(this.at(this.group.n + client).env, 'key-value-store/storage', {})
    const writer = signer.ownIndex(register) ?? 0
    return signer.sign(register, { timestamp, writer, content, value })
  }

  /** Bytes of messages that were carried to a process. */
  bytesTo(process: ProcessId): number {
    return this.#bytesTo.get(process) ?? 0
  }

  faultsOf(accuser: ProcessId): string[] {
    return this.at(accuser).faults.map(({ process, kind, certainty }) => `${certainty} ${process}: ${kind}`)
  }

  #newDisk(): Map<string, Uint8Array> {
    return this.#init.sharesDisks === true ? new SharingDisk(this.#bulk) : new Map()
  }

  #send(life: Process, message: InFlight): void {
    if (life.stopped) return
    this.#queue.push(message)
    this.#bytes += message.encoded.length
    this.peakBytes = Math.max(this.peakBytes, this.#bytes)
  }

  #carry({ from, to, encoded }: InFlight): void {
    this.#bytes -= encoded.length
    if (this.#silent.has(from) || this.#silent.has(to)) return
    const told = this.#told(from, to, encoded)
    if (told === undefined) return
    this.#bytesTo.set(to, this.bytesTo(to) + told.length)
    this.at(to).process.input(() => this.#carriers.get(to)?.deliver(from, told))
  }

  #told(from: ProcessId, to: ProcessId, encoded: Uint8Array): Uint8Array | undefined {
    const lie = this.#lies.get(from)
    const port = encoded[0] ?? 0
    const messages = this.#messages[port]?.messages
    // The code of a message is the second byte of its encoding.
    const type = messages?.declared.find(({ code }) => code === encoded[2])?.type ?? ''
    this.carried.set(type, (this.carried.get(type) ?? 0) + 1)
    const message = lie && messages?.decode(encoded.subarray(1))
    if (lie === undefined || message === undefined) return encoded
    const lied = lie(message, to)
    return lied === undefined ? undefined : this.#encode(port, lied)
  }

  #encode(port: number, message: Message): Uint8Array {
    const messages = this.#messages[port]?.messages
    if (messages === undefined) throw new Error(`no port ${port}`)
    return Uint8Array.of(port, ...messages.encode(message))
  }

  #resync(process: ProcessId, peer: ProcessId): void {
    this.at(process).process.input(() => {
      this.#carriers.get(process)?.sessionEnded(peer, 'replaced')
      this.#carriers.get(process)?.sessionStarted(peer)
    })
  }
}
