/**
 * Members and clients of a leaderless store in virtual time: seeded latencies and syncs; crashes, restarts and ends of
 * sessions when the test says so.
 */
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../../src/core/group.ts'
import { decode } from '../../src/core/shapes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { HashRing } from '../../src/leaderless/hash-ring.ts'
import { itemShape } from '../../src/leaderless/kept-states.ts'
import { LeaderlessStore } from '../../src/leaderless/leaderless-store.ts'
import { type LeaderlessMessage, leaderlessMessages } from '../../src/leaderless/messages.ts'
import type { GetResult, LeaderlessOptions, PutResult } from '../../src/leaderless/requests.ts'
import { EMPTY, type KeyState } from '../../src/leaderless/versions.ts'
import type { CarrierIndications } from '../../src/links/carrier.ts'
import { Ports } from '../../src/links/ports.ts'
import { SimulatedDisk } from '../../src/simulator/disk.ts'
import { EventOrder } from '../../src/simulator/event-order.ts'
import { Partitions } from '../../src/simulator/partitions.ts'
import { CALM } from '../../src/simulator/rates.ts'
import { MS, Scheduler } from '../../src/simulator/scheduler.ts'
import { SeededChoices } from '../../src/simulator/seeded-choices.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { SessionNetwork } from '../../src/simulator/session-network.ts'
import { beginLife, type Life } from '../../src/simulator/simulated-process.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'

export interface ClusterInit {
  readonly n: number
  readonly clients?: number
  readonly seed?: number
  readonly options?: LeaderlessOptions
  /** By process: how far its clock is off, milliseconds. */
  readonly clockOffMs?: (process: ProcessId) => number
  /** Microseconds for which the next message of a link is under way; undefined: drawn. */
  readonly delayUs?: (from: ProcessId, to: ProcessId) => number | undefined
}

export interface Arrived {
  readonly from: ProcessId
  readonly to: ProcessId
  readonly message: LeaderlessMessage
  readonly bytes: number
}

interface Running extends Life {
  readonly store: LeaderlessStore
  readonly ports: Ports
  readonly indications: CarrierIndications
}

const PATH = 'store'

export class Cluster {
  readonly group: Group
  readonly faults: Fault[] = []
  readonly landmarks = new Map<string, number>()
  readonly ring: HashRing
  readonly disks: readonly SimulatedDisk[]
  /** Messages that arrived, while somebody listens. */
  arrived: Arrived[] | undefined
  readonly #init: ClusterInit
  readonly #seed: number
  readonly #scheduler = new Scheduler()
  readonly #network: SessionNetwork
  readonly #running = new Map<ProcessId, Running>()
  readonly #eventOrder: EventOrder
  readonly #crypto: ReturnType<typeof symbolicCrypto>

  constructor(init: ClusterInit) {
    const { n, clients = 1, seed = 1, options = {}, delayUs } = init
    this.#init = init
    this.#seed = seed
    const key = (process: number) => new SeededRandom(seed, `key/${process}`).bytes(32)
    this.group = createGroup({
      id: new Uint8Array(32),
      f: 0,
      publicKeys: Array.from({ length: n }, (_, rank) => key(rank)),
      clients: Array.from({ length: clients }, (_, client) => key(n + client))
    })
    this.#crypto = symbolicCrypto(this.group, seed, nobleBackend.sha256)
    const processes = n + clients
    this.#eventOrder = new EventOrder(processes)
    const seeded = new SeededChoices(seed, CALM, processes, [])
    const drawn = seeded.delay.bind(seeded)
    seeded.delay = (from, to, ...rest) => delayUs?.(from, to) ?? drawn(from, to, ...rest)
    this.disks = Array.from({ length: processes }, (_, process) => {
      const precedence = this.#eventOrder.process(process)
      return new SimulatedDisk({ process, scheduler: this.#scheduler, choices: seeded, precedence })
    })
    this.#network = new SessionNetwork({
      scheduler: this.#scheduler,
      n: processes,
      members: n,
      choices: seeded,
      partitions: new Partitions([]),
      eventOrder: this.#eventOrder,
      onArrival: (from, to, encoded) => {
        const message = leaderlessMessages.decode(encoded.subarray(1))
        if (message !== undefined) this.arrived?.push({ from, to, message, bytes: encoded.length })
      },
      onHarm: () => {}
    })
    for (let process = 0; process < processes; process++) this.start(process)
    this.ring = new HashRing(this.group.ranks, options.replicas ?? Math.min(3, n), nobleBackend.sha256)
  }

  get now(): number {
    return this.#scheduler.now
  }

  isUp(id: ProcessId): boolean {
    return this.#running.has(id)
  }

  start(id: ProcessId): void {
    const life = beginLife({
      self: id,
      group: this.group,
      scheduler: this.#scheduler,
      precedence: this.#eventOrder.process(id),
      random: new SeededRandom(this.#seed, `process/${id}/${this.now}`),
      clock: { offsetMs: this.#init.clockOffMs?.(id) ?? 0, driftPpm: 0 },
      disk: this.disks[id] as SimulatedDisk,
      crypto: this.#crypto(id),
      observer: {
        tracing: false,
        event: () => {},
        fault: (fault) => this.faults.push(fault),
        landmark: (name) => this.landmarks.set(name, (this.landmarks.get(name) ?? 0) + 1)
      },
      onStop: (cause) => {
        throw cause
      }
    })
    const ports = new Ports(life.env)
    ports.attach(this.#network.carrier(id))
    const { indications } = ports
    const { process } = life
    let store: LeaderlessStore | undefined
    process.input(() => {
      store = new LeaderlessStore(life.env, PATH, ports, this.#init.options)
    })
    if (store === undefined) throw new Error('the stack does not stand')
    this.#running.set(id, { ...life, store, ports, indications })
    this.#network.attach(id, { input: (handler) => process.input(handler), indications })
  }

  crash(id: ProcessId): void {
    this.at(id).process.stop()
    this.#network.detach(id)
    this.disks[id]?.crash()
    this.#running.delete(id)
  }

  endSession(a: ProcessId, b: ProcessId): void {
    this.#network.endSession(a, b)
  }

  after(ms: number, handler: () => void): void {
    this.#scheduler.after(ms * MS, handler)
  }

  run(ms: number): void {
    const until = this.now + ms * MS
    while (this.#scheduler.step(until));
    this.#scheduler.at(until, () => {})
    this.#scheduler.step(until)
  }

  at(id: ProcessId): Running {
    const running = this.#running.get(id)
    if (running === undefined) throw new Error(`process ${id} is down`)
    return running
  }

  /** An input of the application of a process. */
  ask(id: ProcessId, request: (store: LeaderlessStore) => void): void {
    const { process, store } = this.at(id)
    process.input(() => request(store))
  }

  /** A message as `from` could send it. */
  inject(from: ProcessId, to: ProcessId, message: LeaderlessMessage): void {
    const { process, indications } = this.at(to)
    const encoded = Uint8Array.of(0, ...leaderlessMessages.encode(message))
    process.input(() => indications.deliver(from, encoded))
  }

  /** Asks, and lets time pass until the answer is there. */
  await<R>(id: ProcessId, request: (store: LeaderlessStore, returned: (result: R) => void) => void): R {
    let result: R | undefined
    this.ask(id, (store) =>
      request(store, (returned) => {
        result = returned
      })
    )
    for (let ms = 0; result === undefined && ms < 10_000; ms++) this.run(1)
    if (result === undefined) throw new Error('no answer within ten seconds')
    return result
  }

  get(id: ProcessId, key: string, options: Parameters<LeaderlessStore['get']>[1] = {}): GetResult {
    return this.await(
      id,
      (store, returned: (result: GetResult) => void) => void store.get(key, options, returned)
    )
  }

  put(
    id: ProcessId,
    key: string,
    value: string,
    options: Parameters<LeaderlessStore['put']>[2] = {}
  ): PutResult {
    return this.await(
      id,
      (store, returned: (result: PutResult) => void) => void store.put(key, bytesOf(value), options, returned)
    )
  }

  delete(id: ProcessId, key: string, options: Parameters<LeaderlessStore['delete']>[1]): PutResult {
    return this.await(
      id,
      (store, returned: (result: PutResult) => void) => void store.delete(key, options, returned)
    )
  }

  replicasOf(key: string): readonly ProcessId[] {
    return this.ring.replicasOf(this.ring.idOf(key))
  }

  /** What a replica has of a key on its disk: what it has synced. */
  stored(rank: ProcessId, key: string): KeyState {
    for (const [, encoded] of this.disks[rank]?.restored(`${PATH}/kept/`) ?? []) {
      const item = decode(itemShape, encoded)
      if (item?.key === key) return item.state
    }
    return EMPTY
  }

  /** The keys on the disk of a replica. */
  keysOf(rank: ProcessId): number {
    return this.disks[rank]?.restored(`${PATH}/kept/`).length ?? 0
  }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** The values of a get, sorted. */
export const textsOf = ({ values }: GetResult): readonly string[] => values.map(textOf).sort()

/** The values of a state, sorted; a delete shows as null. */
export const versionsOf = ({ versions }: KeyState): readonly (string | null)[] =>
  versions.map(({ value }) => (value === null ? null : textOf(value))).sort()
