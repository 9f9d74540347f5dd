/** Four members, a correct client, and an attacker that is one of the members or another client: all are processes. */
import type { GroupFile } from '../../crypto/group-file.ts'
import { Child } from '../children.ts'
import { loopbackGroup } from '../loopback-group.ts'
import type { ProcessReport } from '../register-group.ts'
import type { LoadReport } from './correct-load.ts'
import type { FloodAttacker, FloodKind } from './kinds.ts'
import type { RawCounts } from './raw-link.ts'

export interface CorrectSetup {
  readonly group: GroupFile
  readonly seed: Uint8Array
}

export type CorrectCommand =
  | { readonly do: 'start'; readonly setup: CorrectSetup }
  | { readonly do: 'connected'; readonly members: number }
  | { readonly do: 'measure' | 'read' | 'stop' }
  | { readonly do: 'load'; readonly durationMs: number; readonly inFlight: number }

export interface CorrectReport extends ProcessReport {
  readonly load?: LoadReport
  /** Since the process began. */
  readonly peakRssBytes?: number
  readonly gaps?: number
  /** How often it has cut off a peer. */
  readonly cutOffs?: number
}

export interface AttackerSetup extends CorrectSetup {
  /** The public key of the correct client. */
  readonly victim: Uint8Array
}

export type AttackerCommand =
  | { readonly do: 'start'; readonly setup: AttackerSetup }
  | { readonly do: 'attack'; readonly kind: FloodKind }
  | { readonly do: 'report' | 'stop' }

export interface AttackerReport extends Readonly<RawCounts> {
  /** How many it attacks. */
  readonly members: number
}

/** What the correct ones did in some seconds, and what it took them. */
export interface Phase {
  readonly broadcasts: LoadReport
  readonly operations: LoadReport
  /** Of the correct members and the correct client. */
  readonly cpuSeconds: number
  /** Of each correct member, since it began. */
  readonly peakRssBytes: readonly number[]
  readonly gaps: number
  /** How often they have cut off a peer, since they began. */
  readonly cutOffs: number
  /** What the correct ones say of others, by kind. */
  readonly faults: readonly string[]
}

const MEMBERS = 4
const BROADCASTS_IN_FLIGHT = 16
const OPERATIONS_IN_FLIGHT = 16

type Correct = Child<CorrectCommand, CorrectReport>

export class FloodGroup {
  readonly #members: readonly Correct[]
  readonly #client: Correct
  readonly #attacker = new Child<AttackerCommand, AttackerReport>('flood/attacker')

  private constructor(attacker: FloodAttacker) {
    const correct = attacker === 'member' ? MEMBERS - 1 : MEMBERS
    this.#members = Array.from({ length: correct }, () => new Child('flood/correct-member'))
    this.#client = new Child('flood/correct-client')
  }

  /** Resolves when all are connected with each other, the attacker too, which does nothing yet. */
  static async start(attacker: FloodAttacker): Promise<FloodGroup> {
    const group = new FloodGroup(attacker)
    try {
      await group.#start(attacker)
      return group
    } catch (error) {
      await group.end()
      throw error
    }
  }

  async #start(attacker: FloodAttacker): Promise<void> {
    const { group, members, clients } = await loopbackGroup(MEMBERS, 2)
    // The lowest rank begins handshakes, and dials: the attacker has more to begin with.
    const correct = attacker === 'member' ? members.slice(1) : members
    const bad = attacker === 'member' ? members[0]! : clients[1]!
    await Promise.all(
      this.#members.map((member, i) => member.ask({ do: 'start', setup: { group, seed: correct[i]!.seed } }))
    )
    await this.#client.ask({ do: 'start', setup: { group, seed: clients[0]!.seed } })
    await this.#attacker.ask({
      do: 'start',
      setup: { group, seed: bad.seed, victim: clients[0]!.publicKey }
    })
    for (const process of [...this.#members, this.#client])
      await process.ask({ do: 'connected', members: this.#members.length })
  }

  async attack(kind: FloodKind): Promise<void> {
    await this.#attacker.ask({ do: 'attack', kind })
  }

  report(): Promise<AttackerReport> {
    return this.#attacker.ask({ do: 'report' })
  }

  /** The correct ones work for so long. */
  async phase(durationMs: number): Promise<Phase> {
    const all = [...this.#members, this.#client]
    await Promise.all(all.map((process) => process.ask({ do: 'measure' })))
    const [broadcaster] = this.#members
    const [broadcasts, operations] = await Promise.all([
      broadcaster!.ask({ do: 'load', durationMs, inFlight: BROADCASTS_IN_FLIGHT }),
      this.#client.ask({ do: 'load', durationMs, inFlight: OPERATIONS_IN_FLIGHT })
    ])
    const reports = await Promise.all(all.map((process) => process.ask({ do: 'read' })))
    const ofMembers = reports.slice(0, -1)
    return {
      broadcasts: broadcasts.load!,
      operations: operations.load!,
      cpuSeconds: reports.reduce((sum, { usage }) => sum + (usage?.cpuMicroseconds ?? Number.NaN), 0) / 1e6,
      peakRssBytes: ofMembers.map(({ peakRssBytes = Number.NaN }) => peakRssBytes),
      gaps: ofMembers.reduce((sum, { gaps = 0 }) => sum + gaps, 0),
      cutOffs: ofMembers.reduce((sum, { cutOffs = 0 }) => sum + cutOffs, 0),
      faults: [...new Set(reports.flatMap(({ faults = [] }) => faults))]
    }
  }

  async end(): Promise<void> {
    await this.#attacker.ask({ do: 'stop' }).catch(() => {})
    this.#attacker.end()
    const all = [...this.#members, this.#client]
    await Promise.all(all.map((process) => process.ask({ do: 'stop' }).catch(() => {})))
    for (const process of all) process.end()
  }
}
