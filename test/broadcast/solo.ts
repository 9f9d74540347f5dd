/** One member alone that broadcasts, and what it has delivered. */
import type { BroadcastIndications } from '../../src/broadcast/numbered-broadcast.ts'
import type { Environment } from '../../src/core/environment.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import type { Ports } from '../../src/links/ports.ts'

export const payload = (text: string) => new TextEncoder().encode(text)
export const digestOf = (bytes: Uint8Array) => nobleBackend.sha256(bytes)

export type Delivered = {
  readonly sender: ProcessId
  readonly sequence: number
  readonly payload: Uint8Array
}

type Gap = readonly [sender: ProcessId, from: number, to: number]

export class BroadcastSolo<C> extends Solo<C> {
  readonly delivered: Delivered[]
  readonly gaps: Gap[]
  readonly #readies: number[]

  constructor(
    members: number,
    self: ProcessId,
    make: (env: Environment, ports: Ports, indications: BroadcastIndications) => C,
    /** What an earlier life had stored. */
    disk: Map<string, Uint8Array> = new Map()
  ) {
    const delivered: Delivered[] = []
    const gaps: Gap[] = []
    const readies: number[] = []
    const indications: BroadcastIndications = {
      deliver: (sender, sequence, bytes) => delivered.push({ sender, sequence, payload: bytes }),
      gap: (...gap) => gaps.push(gap),
      ready: () => readies.push(readies.length)
    }
    super({ members, self, make: (env, ports) => make(env, ports, indications), disk })
    this.delivered = delivered
    this.gaps = gaps
    this.#readies = readies
  }

  /** How often `ready` was indicated. */
  get ready(): number {
    return this.#readies.length
  }

  /** A new session with `peer`, which reports its bases: from then on it is sent what its window admits. */
  session(path: string, peer: ProcessId, bases: readonly number[] = this.group.ranks.map(() => 0)): void {
    this.startSession(peer)
    this.receive(peer, `${path}/windows`, { type: 'STATUS', bases })
  }

  /** Sessions with all others. */
  sessions(path: string): void {
    for (const peer of this.group.ranks) if (peer !== this.self) this.session(path, peer)
    this.sent.length = 0
    this.events.length = 0
  }
}
