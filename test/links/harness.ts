/**
 * N processes on one virtual clock, with a network that loses, duplicates, delays and reorders by a seed, keeps
 * every frame it ever saw, and can be told to drop, hold or alter them. `build` puts a component into a process.
 */
import type { Environment } from '../../src/core/environment.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId, processOf, publicKeyOf } from '../../src/core/group.ts'
import { Process } from '../../src/core/process.ts'
import type { Transport } from '../../src/links/transport.ts'
import { testCrypto } from './test-crypto.ts'
import { seededInteger, VirtualTime } from './virtual-time.ts'

export interface Receiver {
  receive(from: ProcessId, frame: Uint8Array): void
}

export interface Frame {
  readonly from: ProcessId
  readonly to: ProcessId
  readonly bytes: Uint8Array
}

export interface Network {
  /** Out of a hundred. */
  loss: number
  duplication: number
  /** A frame takes 1 ms and up to this many more. */
  jitterMs: number
  /** Every frame as it leaves; false drops it. */
  passes: (frame: Frame) => boolean
}

export interface Node<L extends Receiver> {
  readonly rank: ProcessId
  readonly process: Process
  readonly env: Environment
  readonly links: L
  /** The life before this one that its disk knows. */
  readonly earlierLives: readonly number[]
  readonly faults: Fault[]
  /** Runs `handler` as an input. */
  input(handler: (links: L) => void): void
}

export interface NetworkInit {
  members: number
  /** They come after the members; each knows itself and the members, and calls itself by the first free number. */
  clients?: number
  seed?: number
  groupOf?: (rank: ProcessId) => Group
}

/** The key of a process is 32 times its number. */
export const keyOf = (process: number) => new Uint8Array(32).fill(process)

const keys = (n: number) => Array.from({ length: n }, (_, rank) => keyOf(rank))

export const withClients = (group: Group, clients: readonly number[]) =>
  createGroup({ ...group, clients: clients.map(keyOf) })

export const testGroup = (n: number, id = 7, epoch = 0, f = 0) =>
  createGroup({ id: new Uint8Array(32).fill(id), epoch, f, publicKeys: keys(n) })

type Build<L> = (env: Environment, transport: Transport, earlierLives: readonly number[]) => L

export class Cluster<L extends Receiver> {
  readonly time = new VirtualTime()
  readonly nodes: Node<L>[] = []
  readonly network: Network = { loss: 0, duplication: 0, jitterMs: 0, passes: () => true }
  /** Every frame ever sent, lost ones too. */
  readonly recorded: Frame[] = []
  readonly #build: Build<L>
  readonly #integer: (bound: number) => number
  readonly #groupOf: (rank: ProcessId) => Group
  readonly #disks: Map<string, Uint8Array>[]
  readonly #lives: number[]
  /** Disks that answer nothing, with what they are to make durable. */
  readonly #stuck = new Map<ProcessId, (() => void)[]>()
  /** Of each process, the lives that its disk knows of. */
  readonly #earlier: (readonly number[] | undefined)[] = []

  constructor(init: NetworkInit, build: Build<L>) {
    this.#build = build
    this.#integer = seededInteger(init.seed ?? 1)
    const group = testGroup(init.members)
    const clients = Array.from({ length: init.clients ?? 0 }, (_, client) => group.n + client)
    const ofMembers = withClients(group, clients)
    this.#groupOf = init.groupOf ?? ((rank) => (rank < group.n ? ofMembers : withClients(group, [rank])))
    const processes = [...group.ranks, ...clients]
    this.#disks = processes.map(() => new Map())
    this.#lives = processes.map(() => 0)
    for (const rank of processes) this.restart(rank)
  }

  node(rank: ProcessId): Node<L> {
    return this.nodes[rank]!
  }

  links(rank: ProcessId): L {
    return this.node(rank).links
  }

  crash(rank: ProcessId): void {
    this.nodes[rank]?.process.stop()
  }

  /**
   * Starts the process in a new life (`life` overrides its number), with its disk, with an empty one, or with what it
   * is said to have held after life `previous`.
   */
  restart(rank: ProcessId, how: { life?: number; amnesia?: boolean; previous?: number } = {}): Node<L> {
    const { life = this.#lives[rank]! + 1, amnesia = false } = how
    const fresh = amnesia || life === 1
    const before = this.#earlier[rank] ?? []
    const earlierLives = fresh ? [] : before.filter((lived) => lived <= (how.previous ?? life))
    this.crash(rank)
    this.#lives[rank] = life
    this.#earlier[rank] = [...earlierLives, life]
    const disk = amnesia ? new Map<string, Uint8Array>() : this.#disks[rank]!
    this.#disks[rank] = disk
    const process = new Process({
      journal: {
        append: (batch, done) => {
          const sync = () => {
            for (const { key, value } of batch) value ? disk.set(key, value) : disk.delete(key)
            done()
          }
          const stuck = this.#stuck.get(rank)
          if (stuck === undefined) sync()
          else stuck.push(sync)
        }
      },
      onStop(cause) {
        throw cause
      }
    })
    const faults: Fault[] = []
    const env = this.#environment(rank, process, disk, fresh, faults)
    const transport: Transport = {
      send: (to, bytes) => this.transmit({ from: rank, to: this.#nameOf(rank)(to), bytes })
    }
    const links = this.#build(env, transport, earlierLives)
    const input = (handler: (links: L) => void) => process.input(() => handler(links))
    const node = { rank, process, env, links, earlierLives, faults, input }
    this.nodes[rank] = node
    return node
  }

  /** The disk of the process answers nothing, until {@link sync}. */
  holdDisk(rank: ProcessId): void {
    this.#stuck.set(rank, [])
  }

  sync(rank: ProcessId): void {
    const stuck = this.#stuck.get(rank) ?? []
    this.#stuck.delete(rank)
    for (const sync of stuck) sync()
  }

  transmit(frame: Frame): void {
    this.recorded.push(frame)
    if (!this.network.passes(frame) || this.#integer(100) < this.network.loss) return
    const copies = this.#integer(100) < this.network.duplication ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = 1 + this.#integer(this.network.jitterMs + 1)
      this.time.schedule(delayMs, () => this.inject(frame))
    }
  }

  /** The frame arrives now, whoever it was for. */
  inject({ from, to, bytes }: Frame): void {
    this.nodes[to]?.input((links) => links.receive(this.numberOf(to, from), bytes))
  }

  /** What process `at` calls process `process`. */
  numberOf(at: ProcessId, process: ProcessId): ProcessId {
    return processOf(this.#groupOf(at), keyOf(process)) ?? process
  }

  #nameOf(at: ProcessId): (process: ProcessId) => number {
    return (process) => publicKeyOf(this.#groupOf(at), process)?.[0] ?? process
  }

  #environment(
    rank: ProcessId,
    process: Process,
    disk: ReadonlyMap<string, Uint8Array>,
    fresh: boolean,
    faults: Fault[]
  ): Environment {
    const restored = [...disk].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      self: this.numberOf(rank, rank),
      incarnation: this.#lives[rank]!,
      fresh,
      group: this.#groupOf(rank),
      clock: this.time.clock((handler) => process.input(handler)),
      random: {
        bytes: (length) => Uint8Array.from({ length }, () => this.#integer(256)),
        below: (bound) => this.#integer(bound)
      },
      crypto: testCrypto(this.numberOf(rank, rank), this.#nameOf(rank)),
      store: {
        put: (key, value) => process.write({ key, value }),
        delete: (key) => process.write({ key, value: undefined }),
        restored: (prefix) =>
          restored
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, value]) => [key.slice(prefix.length), value]),
        read: (key, then) => process.whenDurable(() => process.input(() => then(disk.get(key))))
      },
      observer: {
        tracing: false,
        event() {},
        fault: (fault) => faults.push(fault),
        landmark() {}
      },
      trigger: (handler) => process.trigger(handler),
      whenDurable: (effect) => process.whenDurable(effect),
      onTurnEnd: (flush) => process.onTurnEnd(flush)
    }
  }
}
