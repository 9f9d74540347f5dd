/** The members of a group that keeps registers, and a client of them, each a process of its own. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FaultKind } from '../core/fault.ts'
import type { GroupFile } from '../crypto/group-file.ts'
import type { HostCounts } from '../libp2p/host.ts'
import { makeTemporaryFolder } from '../program/files/temporary-folder.ts'
import type { BenchedStore } from './benched-store.ts'
import { Child, type ChildOptions } from './children.ts'
import { agreed, requireNoBlame } from './figures.ts'
import { loopbackGroup } from './loopback-group.ts'
import type { RegisterOperation, RegisterWorkload } from './register-load.ts'
import type { Usage } from './usage.ts'

export interface RegisterMemberSetup {
  readonly group: GroupFile
  readonly seed: Uint8Array
  /** Without it in memory. */
  readonly data?: string
  /** Default: a register. */
  readonly store?: BenchedStore
}

export interface RegisterClientSetup extends RegisterMemberSetup {
  readonly workload: RegisterWorkload
}

type Common = { readonly do: 'connected' | 'measure' | 'read' | 'stop' }

export type RegisterMemberCommand = Common | { readonly do: 'start'; readonly setup: RegisterMemberSetup }

export type RegisterClientCommand =
  | Common
  | { readonly do: 'start'; readonly setup: RegisterClientSetup }
  | {
      readonly do: 'run'
      readonly operation: RegisterOperation
      readonly count: number
      readonly inFlight: number
    }
  | { readonly do: 'digest'; readonly of: 'written' | 'read' }

export interface ProcessReport {
  readonly elapsedMs?: number
  readonly latenciesMs?: number[]
  readonly usage?: Usage
  readonly counts?: HostCounts
  readonly faults?: readonly FaultKind[]
  readonly landmarks?: ReadonlyMap<string, number>
  readonly digest?: string
}

export interface RegisterGroupPlan {
  readonly members: number
  readonly workload: RegisterWorkload
  readonly durability: 'memory' | 'disk'
  /** What is written and read; default: registers. */
  readonly store?: BenchedStore
}

/** What operations cost a process: each figure for one operation. */
export interface Cost {
  readonly cpuMicroseconds: number
  readonly commits: number
  readonly verifications: number
  readonly messages: number
  readonly frames: number
}

export interface Operations {
  readonly perSecond: number
  readonly latenciesMs: readonly number[]
  /** Of one member: the mean of all. */
  readonly member: Cost
  readonly client: Cost
  /** Share of the reads that ended after one round trip; NaN without atomic reads. */
  readonly spared: number
}

type Member = Child<RegisterMemberCommand, ProcessReport>
type Client = Child<RegisterClientCommand, ProcessReport>

interface Measured {
  readonly members: readonly ProcessReport[]
  readonly client: ProcessReport
}

export class RegisterGroup {
  readonly #plan: RegisterGroupPlan
  readonly #members: readonly Member[]
  readonly #client: Client
  #folder: string | undefined

  private constructor(plan: RegisterGroupPlan, options: ChildOptions) {
    this.#plan = plan
    this.#members = Array.from({ length: plan.members }, () => new Child('register-member', options))
    this.#client = new Child('register-client', options)
  }

  /** Resolves when all are connected with each other. */
  static async start(plan: RegisterGroupPlan, options: ChildOptions = {}): Promise<RegisterGroup> {
    const group = new RegisterGroup(plan, options)
    try {
      await group.#start()
      return group
    } catch (error) {
      await group.end()
      throw error
    }
  }

  async run(operation: RegisterOperation, count: number, inFlight: number): Promise<Operations> {
    const before = await this.#measure('measure')
    const { elapsedMs = Number.NaN, latenciesMs = [] } = await this.#client.ask({
      do: 'run',
      operation,
      count,
      inFlight
    })
    const after = await this.#measure('read')
    requireNoBlame([...after.members, after.client].flatMap((report) => report.faults ?? []))
    return {
      perSecond: count / (elapsedMs / 1000),
      latenciesMs,
      member: costOf(before.members, after.members, count),
      client: costOf([before.client], [after.client], count),
      spared: shareSpared(before.client, after.client)
    }
  }

  /** Of the last values: what the client wrote is what it reads. */
  async digest(): Promise<string> {
    const reports = [
      await this.#client.ask({ do: 'digest', of: 'written' }),
      await this.#client.ask({ do: 'digest', of: 'read' })
    ]
    return agreed(
      'what was written and what was read',
      reports.map(({ digest = '' }) => digest)
    )
  }

  async end(): Promise<void> {
    const all = [...this.#members, this.#client]
    await Promise.all(all.map((child) => child.ask({ do: 'stop' }).catch(() => {})))
    for (const child of all) child.end()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  async #start(): Promise<void> {
    const { members: count, workload, durability, store = 'register' } = this.#plan
    const { group, members, clients } = await loopbackGroup(count, 1)
    if (durability === 'disk') this.#folder = await makeTemporaryFolder('byzkit-bench-')
    const folder = this.#folder
    const data = (name: string) => (folder === undefined ? {} : { data: join(folder, name) })
    await Promise.all(
      this.#members.map((member, rank) =>
        member.ask({ do: 'start', setup: { group, seed: members[rank]!.seed, store, ...data(String(rank)) } })
      )
    )
    const setup = { group, seed: clients[0]!.seed, workload, store, ...data('client') }
    await this.#client.ask({ do: 'start', setup })
    await Promise.all([...this.#members, this.#client].map((child) => child.ask({ do: 'connected' })))
  }

  async #measure(what: 'measure' | 'read'): Promise<Measured> {
    const [client, ...members] = await Promise.all(
      [this.#client, ...this.#members].map((child) => child.ask({ do: what }))
    )
    return { client: client!, members }
  }
}

function costOf(before: readonly ProcessReport[], after: readonly ProcessReport[], operations: number): Cost {
  const sum = (reports: readonly ProcessReport[], of: (report: ProcessReport) => number | undefined) =>
    reports.reduce((all, report) => all + (of(report) ?? Number.NaN), 0)
  const each = after.length * operations
  const counted = (of: (counts: HostCounts) => number) => {
    const total = (reports: readonly ProcessReport[]) => sum(reports, ({ counts }) => counts && of(counts))
    return (total(after) - total(before)) / each
  }
  return {
    cpuMicroseconds: sum(after, ({ usage }) => usage?.cpuMicroseconds) / each,
    commits: counted(({ commits }) => commits),
    verifications: counted(({ verifications }) => verifications),
    messages: counted(({ messagesOut }) => messagesOut),
    frames: counted(({ framesOut }) => framesOut)
  }
}

function shareSpared(before: ProcessReport, after: ProcessReport): number {
  const counted = (landmark: string) =>
    (after.landmarks?.get(landmark) ?? 0) - (before.landmarks?.get(landmark) ?? 0)
  const spared = counted('write-back-spared')
  return spared / (spared + counted('write-back-needed'))
}
