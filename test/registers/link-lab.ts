/**
 * Members and clients of a key-value store on authenticated links, in one process: real sessions, handshakes and
 * retransmission in virtual time, over a network and disks that the test holds. Values above WHOLE_BYTES_MAX have bodies.
 */
import type { Environment } from '../../src/core/environment.ts'
import { createGroup, type ProcessId } from '../../src/core/group.ts'
import type { Message } from '../../src/core/messages.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { AuthenticatedLinks } from '../../src/links/authenticated-links.ts'
import { Ports } from '../../src/links/ports.ts'
import type { Transport } from '../../src/links/transport.ts'
import { type GetResult, KeyValueStore } from '../../src/registers/key-value-store.ts'
import type { WriteResult } from '../../src/registers/register.ts'
import { Cluster, keyOf, type Receiver, withClients } from '../links/harness.ts'

const WHOLE_BYTES_MAX = 16

export interface Heard {
  readonly from: ProcessId
  readonly path: string
  readonly message: Message
}

export interface Outcome<T> {
  result?: T
}

export class LabProcess implements Receiver {
  readonly links: AuthenticatedLinks
  readonly store: KeyValueStore
  /** What was delivered to this life, in order. */
  readonly heard: Heard[] = []

  constructor(env: Environment, transport: Transport, earlierLives: readonly number[]) {
    const ports = new Ports(env)
    const deliver = (from: ProcessId, encoded: Uint8Array) => {
      const port = ports.openPorts[encoded[0] ?? 0]
      const message = port?.messages.decode(encoded.subarray(1))
      if (port !== undefined && message !== undefined) this.heard.push({ from, path: port.path, message })
      ports.indications.deliver(from, encoded)
    }
    const init = { transport, fingerprint: () => Uint8Array.of(1), earlierLives }
    const above = { ...ports.indications, deliver, lagging() {}, recovered() {} }
    this.links = new AuthenticatedLinks(env, 'links', init, above)
    ports.attach(this.links)
    const options = { valueBytesMax: WHOLE_BYTES_MAX }
    this.store = new KeyValueStore(env, 'key-value-store', ports, options, { resumed() {} })
  }

  receive(from: ProcessId, frame: Uint8Array): void {
    this.links.receive(from, frame)
  }
}

export class LinkLab extends Cluster<LabProcess> {
  readonly n: number

  constructor(n: number, clients = 2) {
    const base = createGroup({
      id: new Uint8Array(32).fill(7),
      f: byzantineResilience(n),
      publicKeys: Array.from({ length: n }, (_, rank) => keyOf(rank))
    })
    const numbers = Array.from({ length: clients }, (_, client) => n + client)
    const groupOf = (rank: ProcessId) => withClients(base, rank < n ? numbers : [rank])
    super(
      { members: n, clients, groupOf },
      (env, transport, earlierLives) => new LabProcess(env, transport, earlierLives)
    )
    this.n = n
    for (const { rank } of this.nodes) this.#start(rank)
    this.time.advance(1000)
  }

  /** A new life, on the disk of the last one; what that had asked may still be answered. */
  reborn(rank: ProcessId): void {
    this.restart(rank)
    this.#start(rank)
  }

  env(rank: ProcessId): Environment {
    return this.node(rank).env
  }

  /** Nothing passes from the one to the other, until it is said again: links send it again then. */
  cut(isCut: (from: ProcessId, to: ProcessId) => boolean): void {
    this.network.passes = ({ from, to }) => !isCut(from, to)
  }

  put(process: ProcessId, key: string, value: Uint8Array): Outcome<WriteResult> {
    return this.#ask(process, (store, returned) => store.put(keyOf(process), key, value, returned))
  }

  /** Of the process's own keys. */
  get(process: ProcessId, key: string): Outcome<GetResult> {
    return this.#ask(process, (store, returned) => store.get(keyOf(process), key, returned))
  }

  /** Who was named, in its present life, by this process for what no correct one does. */
  accusedBy(rank: ProcessId): ProcessId[] {
    return this.node(rank)
      .faults.filter(({ certainty }) => certainty !== 'suspected')
      .map(({ process }) => process)
  }

  #ask<T>(process: ProcessId, request: (store: KeyValueStore, returned: (result: T) => void) => void) {
    const outcome: Outcome<T> = {}
    this.node(process).input(({ store }) =>
      request(store, (result) => {
        outcome.result = result
      })
    )
    return outcome
  }

  #start(rank: ProcessId): void {
    this.node(rank).input(({ links, store }) => {
      store.restore()
      links.start()
      for (const { rank: peer } of this.nodes)
        if (peer < this.n || rank < this.n) links.connected(this.numberOf(rank, peer))
    })
  }
}
