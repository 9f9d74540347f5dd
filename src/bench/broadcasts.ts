/**
 * The cost of a broadcast: the members of a group as processes on loopback, some broadcasts in flight; beside the
 * price of the messages that the protocol must send, each at the cost of a bare libp2p stream for its size.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RETENTION_COUNT_MAX, WINDOW_INSTANCES } from '../broadcast/constants.ts'
import { doubleEchoMessages } from '../broadcast/double-echo.ts'
import type { FaultKind } from '../core/fault.ts'
import type { GroupFile } from '../crypto/group-file.ts'
import type { Counts } from '../libp2p/service.ts'
import { makeTemporaryFolder } from '../program/files/temporary-folder.ts'
import type { Workload } from './broadcast-load.ts'
import { Child, type ChildOptions } from './children.ts'
import { agreed, requireNoBlame } from './figures.ts'
import { loopbackGroup } from './loopback-group.ts'
import type { Usage } from './usage.ts'

export interface MemberSetup {
  readonly group: GroupFile
  readonly seed: Uint8Array
  readonly stack: string
  /** Without it in memory. */
  readonly data?: string
  readonly workload: Workload
}

export type MemberCommand =
  | { readonly do: 'start'; readonly setup: MemberSetup }
  | { readonly do: 'connected' | 'read' | 'digest' | 'collect' | 'stop' }
  | { readonly do: 'measure'; readonly broadcasts: number }
  | { readonly do: 'delivered'; readonly deliveries: number }
  | { readonly do: 'broadcast'; readonly broadcasts: number; readonly inFlight: number }
  | { readonly do: 'latencies'; readonly count: number }

export interface MemberReport {
  readonly elapsedMs?: number
  readonly usage?: Usage
  readonly counts?: Counts
  readonly faults?: readonly FaultKind[]
  readonly digest?: string
  readonly latenciesMs?: number[]
}

export interface GroupPlan {
  readonly members: number
  readonly stack: string
  readonly workload: Workload
  readonly durability: 'memory' | 'disk'
}

/** What one round of broadcasts used. */
export interface BroadcastRound {
  /** Per broadcast, of all members together. */
  readonly cpuMicroseconds: number
  readonly perSecond: number
  readonly messages: number
  readonly frames: number
  readonly bytes: number
  readonly commits: number
  /** Of all members together. */
  readonly rssBytes: number
  readonly heapBytes: number
  readonly digest: string
}

/**
 * After so many of each sender, the fastest members wait for the slowest: fewer than what is retained for it. A member
 * that gets no CPU for long would otherwise be told of a gap.
 */
const BURST_BROADCASTS = RETENTION_COUNT_MAX - WINDOW_INSTANCES

type Member = Child<MemberCommand, MemberReport>

/** A group whose members are processes of their own. */
export class BroadcastGroup {
  readonly #plan: GroupPlan
  readonly #members: readonly Member[]
  #folder: string | undefined

  private constructor(plan: GroupPlan, options: ChildOptions) {
    this.#plan = plan
    this.#members = Array.from({ length: plan.members }, () => new Child('broadcast-member', options))
  }

  /** Resolves when all are connected with each other. */
  static async start(plan: GroupPlan, options: ChildOptions = {}): Promise<BroadcastGroup> {
    const group = new BroadcastGroup(plan, options)
    try {
      await group.#start()
      return group
    } catch (error) {
      await group.end()
      throw error
    }
  }

  /** Each sender broadcasts `broadcasts` times with `inFlight` under way. */
  async round(broadcasts: number, inFlight: number): Promise<BroadcastRound> {
    const before = await this.#all({ do: 'measure', broadcasts })
    const senders = this.#members.slice(0, this.#plan.workload.senders)
    let elapsedMs = 0
    for (let done = 0; done < broadcasts; done += BURST_BROADCASTS) {
      const burst = Math.min(BURST_BROADCASTS, broadcasts - done)
      const reports = await Promise.all(
        senders.map((sender) => sender.ask({ do: 'broadcast', broadcasts: burst, inFlight }))
      )
      elapsedMs += Math.max(...reports.map((report) => report.elapsedMs ?? Number.NaN))
      await this.#all({ do: 'delivered', deliveries: (done + burst) * senders.length })
    }
    const after = await this.#all({ do: 'read' })
    requireNoBlame(after.flatMap((report) => report.faults ?? []))
    const digests = await this.#all({ do: 'digest' })
    const total = broadcasts * senders.length
    const sum = (of: (report: MemberReport) => number | undefined, reports = after) =>
      reports.reduce((all, report) => all + (of(report) ?? Number.NaN), 0)
    const counted = (of: (counts: Counts) => number) =>
      (sum(({ counts }) => counts && of(counts)) - sum(({ counts }) => counts && of(counts), before)) / total
    return {
      cpuMicroseconds: sum(({ usage }) => usage?.cpuMicroseconds) / total,
      perSecond: total / (elapsedMs / 1000),
      messages: counted(({ messagesOut }) => messagesOut),
      frames: counted(({ framesOut }) => framesOut),
      bytes: counted(({ bytesOut }) => bytesOut),
      commits: counted(({ commits }) => commits),
      rssBytes: sum(({ usage }) => usage?.rssBytes),
      heapBytes: sum(({ usage }) => usage?.heapBytes),
      digest: agreed(
        'what the members delivered',
        digests.map(({ digest = '' }) => digest)
      )
    }
  }

  /** Milliseconds from request to one's own delivery, of lone broadcasts of member 0. */
  async latencies(count: number): Promise<number[]> {
    const [sender] = this.#members
    const { latenciesMs = [] } = (await sender?.ask({ do: 'latencies', count })) ?? {}
    return latenciesMs
  }

  /** The heap of each member after a forced collection; needs --expose-gc. */
  async collect(): Promise<Usage[]> {
    return (await this.#all({ do: 'collect' })).flatMap(({ usage }) => (usage === undefined ? [] : [usage]))
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.ask({ do: 'stop' }).catch(() => {})))
    for (const member of this.#members) member.end()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  async #start(): Promise<void> {
    const { members, stack, workload, durability } = this.#plan
    const { group, members: identities } = await loopbackGroup(members)
    if (durability === 'disk') this.#folder = await makeTemporaryFolder('byzkit-bench-')
    const folder = this.#folder
    await Promise.all(
      this.#members.map((member, rank) =>
        member.ask({
          do: 'start',
          setup: {
            group,
            stack,
            workload,
            seed: identities[rank]!.seed,
            ...(folder === undefined ? {} : { data: join(folder, String(rank)) })
          }
        })
      )
    )
    await this.#all({ do: 'connected' })
  }

  #all(command: MemberCommand): Promise<MemberReport[]> {
    return Promise.all(this.#members.map((member) => member.ask(command)))
  }
}

/** How many bytes a protocol message of double echo has on a link, with its port. */
export function doubleEchoSizes(payloadBytes: number): { readonly send: number; readonly vote: number } {
  const messages = doubleEchoMessages(payloadBytes)
  const digest = new Uint8Array(32)
  // Sequence numbers and ranks as they are in the middle of a run.
  const sequence = 10_000
  const PORT_BYTES = 1
  const sizeOf = (message: Parameters<typeof messages.encode>[0]) =>
    PORT_BYTES + messages.encode(message).length
  return {
    send: sizeOf({ type: 'SEND', sequence, payload: new Uint8Array(payloadBytes), signature: null }),
    vote: sizeOf({ type: 'READY', sender: 0, sequence, digest })
  }
}
