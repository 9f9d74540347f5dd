/**
 * N processes on one virtual clock, with a network that loses, duplicates, delays and reorders by a seed, keeps
 * every frame it ever saw, and can be told to drop, hold or alter them. `build` puts a component into a process.
 */
import { sameBytes } from '../../src/core/bytes.ts'
import type { Crypto, Environment } from '../../src/core/environment.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId, processOf, publicKeyOf } from '../../src/core/group.ts'
import type { Process } from '../../src/core/process.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { memberCrypto } from '../../src/crypto/member-crypto.ts'
import { beginHeldLife } from '../../src/laboratory/held-life.ts'
import type { Transport } from '../../src/links/transport.ts'
import { extent } from '../extent.ts'
import { counted, testCrypto } from './test-crypto.ts'
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
  /** Default: {@link CRYPTOGRAPHY}. */
  cryptography?: Cryptography
}

/** That of tests, or Ed25519 and HMAC-SHA256 as processes have them. */
export type Cryptography = 'of tests' | 'real'

/** What runs where a test does not say. */
const CRYPTOGRAPHY = extent<Cryptography>('of tests', 'real')

const seedOf = (process: number) => new Uint8Array(32).fill(process + 1)
const publicKeys = new Map<number, Uint8Array>()

/** A real key, whatever cryptography the processes have. */
export function keyOf(process: number): Uint8Array {
  const publicKey = publicKeys.get(process) ?? defaultBackend.publicKey(seedOf(process))
  publicKeys.set(process, publicKey)
  return publicKey
}

/** Whose key it is, among those that were asked for. */
function ownerOf(publicKey: Uint8Array): number | undefined {
  for (const [process, key] of publicKeys) if (sameBytes(key, publicKey)) return process
  return undefined
}

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
  readonly #cryptography: Cryptography
  readonly #disks: Map<string, Uint8Array>[]
  readonly #lives: number[]
  /** Disks that answer nothing, with what they are to make durable. */
  readonly #stuck = new Map<ProcessId, (() => void)[]>()
  /** Of each process, the lives that its disk knows of. */
  readonly #earlier: (readonly number[] | undefined)[] = []

  constructor(init: NetworkInit, build: Build<L>) {
    this.#build = build
    this.#cryptography = init.cryptography ?? CRYPTOGRAPHY
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

  /** What its disk has not answered yet is lost. */
  crash(rank: ProcessId): void {
    this.nodes[rank]?.process.stop()
    this.#stuck.delete(rank)
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
    const faults: Fault[] = []
    const { process, env } = beginHeldLife({
      self: this.numberOf(rank, rank),
      incarnation: life,
      fresh,
      group: this.#groupOf(rank),
      disk,
      clock: (input) => this.time.clock(input),
      random: {
        bytes: (length) => Uint8Array.from({ length }, () => this.#integer(256)),
        below: (bound) => this.#integer(bound)
      },
      crypto: counted(this.#cryptoOf(rank)),
      observer: { fault: (fault) => faults.push(fault) },
      sync: (durable) => {
        const stuck = this.#stuck.get(rank)
        if (stuck === undefined) durable()
        else stuck.push(durable)
      }
    })
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
    return (process) => ownerOf(publicKeyOf(this.#groupOf(at), process) ?? new Uint8Array(0)) ?? process
  }

  #cryptoOf(rank: ProcessId): Crypto {
    if (this.#cryptography === 'real') return memberCrypto(defaultBackend, this.#groupOf(rank), seedOf(rank))
    return testCrypto(this.numberOf(rank, rank), this.#nameOf(rank), (publicKey) => ownerOf(publicKey) ?? -1)
  }
}
