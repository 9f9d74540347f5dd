/** The members of a group that replicates a machine, and clients of it, each a process of its own. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgreementStatus } from '../consensus/pbft/status.ts'
import type { GroupFile } from '../crypto/group-file.ts'
import { makeTemporaryFolder } from '../program/files/temporary-folder.ts'
import { Child } from './children.ts'
import { agreed } from './figures.ts'
import { loopbackGroup } from './loopback-group.ts'
import type { ProcessReport } from './register-group.ts'

interface Setup {
  readonly group: GroupFile
  readonly seed: Uint8Array
}

type Common = { readonly do: 'connected' | 'measure' | 'read' | 'stop' }

export type ConsensusMemberCommand =
  | Common
  /** Without `data` in memory. */
  | { readonly do: 'start'; readonly setup: Setup & { readonly data?: string } }
  /** Answered when so many commands were executed since the start. */
  | { readonly do: 'executed'; readonly commands: number }
  | { readonly do: 'digest' }

export type ConsensusClientCommand =
  | Common
  | {
      readonly do: 'start'
      readonly setup: Setup & { readonly publicKey: Uint8Array; readonly commandBytes: number }
    }
  | { readonly do: 'run'; readonly commands: number; readonly inFlight: number }

export interface ConsensusReport extends ProcessReport {
  /** How far agreement is at a member. */
  readonly agreement?: AgreementStatus
}

export interface ConsensusGroupPlan {
  readonly members: number
  readonly clients: number
  readonly commandBytes: number
  readonly durability: 'memory' | 'disk'
}

/** What some commands cost; of all processes together, each figure for one command. */
export interface Commands {
  readonly latenciesMs: readonly number[]
  readonly perSecond: number
  readonly cpuMicroseconds: number
  /** Of the members alone. */
  readonly memberCpuMicroseconds: number
  readonly messages: number
  readonly frames: number
  readonly bytes: number
  readonly commits: number
  /** At one member. */
  readonly batches: number
  /** Views that ended meanwhile, of all. */
  readonly views: number
}

type Member = Child<ConsensusMemberCommand, ConsensusReport>
type Client = Child<ConsensusClientCommand, ConsensusReport>

export class ConsensusGroup {
  readonly #plan: ConsensusGroupPlan
  readonly #members: readonly Member[]
  readonly #clients: readonly Client[]
  #folder: string | undefined
  /** All that were submitted. */
  #commands = 0

  private constructor(plan: ConsensusGroupPlan) {
    this.#plan = plan
    this.#members = Array.from({ length: plan.members }, () => new Child('consensus-member'))
    this.#clients = Array.from({ length: plan.clients }, () => new Child('consensus-client'))
  }

  /** Resolves when all are connected with each other. */
  static async start(plan: ConsensusGroupPlan): Promise<ConsensusGroup> {
    const group = new ConsensusGroup(plan)
    try {
      await group.#start()
      return group
    } catch (error) {
      await group.end()
      throw error
    }
  }

  /** So many of each of some clients, with some of each under way; over when all members have executed them. */
  async run(clients: number, commands: number, inFlight: number): Promise<Commands> {
    const before = await this.#all('measure')
    const submitting = this.#clients.slice(0, clients)
    const submitted = await Promise.all(
      submitting.map((client) => client.ask({ do: 'run', commands, inFlight }))
    )
    const count = commands * submitting.length
    this.#commands += count
    await Promise.all(this.#members.map((member) => member.ask({ do: 'executed', commands: this.#commands })))
    const after = await this.#all('read')
    const faults = after.flatMap((report) => report.faults ?? [])
    if (faults.length > 0) throw new Error(`correct processes blamed each other: ${faults.join(', ')}`)
    const elapsedMs = Math.max(...submitted.map((report) => report.elapsedMs ?? Number.NaN))
    return {
      ...costOf(before, after, this.#members.length, count),
      latenciesMs: submitted.flatMap((report) => report.latenciesMs ?? []),
      perSecond: count / (elapsedMs / 1000)
    }
  }

  /** Of the state that each member has, and how many commands led to it. */
  async digest(): Promise<string> {
    const reports = await Promise.all(this.#members.map((member) => member.ask({ do: 'digest' })))
    return agreed(
      'the state of the members',
      reports.map(({ digest = '' }) => digest)
    )
  }

  async end(): Promise<void> {
    const clients = this.#clients.map((client) => client.ask({ do: 'stop' }).catch(() => {}))
    await Promise.all(clients)
    await Promise.all(this.#members.map((member) => member.ask({ do: 'stop' }).catch(() => {})))
    for (const child of [...this.#members, ...this.#clients]) child.end()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  async #start(): Promise<void> {
    const { commandBytes, durability } = this.#plan
    const { group, members, clients } = await loopbackGroup(this.#members.length, this.#clients.length)
    if (durability === 'disk') this.#folder = await makeTemporaryFolder('byzkit-bench-')
    const folder = this.#folder
    await Promise.all(
      this.#members.map((member, rank) => {
        const data = folder === undefined ? {} : { data: join(folder, String(rank)) }
        return member.ask({ do: 'start', setup: { group, seed: members[rank]!.seed, ...data } })
      })
    )
    await Promise.all(
      this.#clients.map((client, i) =>
        client.ask({ do: 'start', setup: { group, ...clients[i]!, commandBytes } })
      )
    )
    await Promise.all([...this.#members, ...this.#clients].map((child) => child.ask({ do: 'connected' })))
  }

  /** Members, then clients. */
  #all(what: 'measure' | 'read'): Promise<ConsensusReport[]> {
    return Promise.all([...this.#members, ...this.#clients].map((child) => child.ask({ do: what })))
  }
}

type Cost = Omit<Commands, 'latenciesMs' | 'perSecond'>

function costOf(
  before: readonly ConsensusReport[],
  after: readonly ConsensusReport[],
  members: number,
  commands: number
): Cost {
  const sum = (reports: readonly ConsensusReport[], of: (report: ConsensusReport) => number | undefined) =>
    reports.reduce((all, report) => all + (of(report) ?? Number.NaN), 0)
  const cpu = (reports: readonly ConsensusReport[]) =>
    sum(reports, ({ usage }) => usage?.cpuMicroseconds) / commands
  const counted = (of: (counts: NonNullable<ProcessReport['counts']>) => number) => {
    const total = (reports: readonly ConsensusReport[]) => sum(reports, ({ counts }) => counts && of(counts))
    return (total(after) - total(before)) / commands
  }
  /** Of the first member. */
  const reached = (what: 'executed' | 'view') =>
    (after[0]?.agreement?.[what] ?? Number.NaN) - (before[0]?.agreement?.[what] ?? Number.NaN)
  return {
    cpuMicroseconds: cpu(after),
    memberCpuMicroseconds: cpu(after.slice(0, members)),
    messages: counted(({ messagesOut }) => messagesOut),
    frames: counted(({ framesOut }) => framesOut),
    bytes: counted(({ bytesOut }) => bytesOut),
    commits: counted(({ commits }) => commits),
    batches: reached('executed') / commands,
    views: reached('view')
  }
}
