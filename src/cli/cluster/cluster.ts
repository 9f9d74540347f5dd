/** The members of a cluster: their processes, and what is heard of them. */
import type { Fault } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import { OperationError } from '../errors.ts'
import { type ClusterFolder, foundTestGroup } from './folder.ts'
import { MemberProcess } from './member-process.ts'
import type { MemberConfig } from './messages.ts'
import type { ClusterPlan } from './plan.ts'
import { Recorder } from './recorder.ts'
import { TOUR_CLIENTS } from './register-tour.ts'
import { Tally } from './tally.ts'

const START_ATTEMPTS_MAX = 3

export interface ClusterEvents {
  /** A correct member saw something of another for the first time. */
  fault(by: ProcessId, fault: Fault): void
  /** A member ended that nobody told to. */
  failed(member: ProcessId, cause: string): void
}

export class Cluster {
  readonly plan: ClusterPlan
  readonly recorder: Recorder
  readonly tally = new Tally()
  readonly folder: ClusterFolder
  readonly #events: ClusterEvents
  readonly #processes = new Map<ProcessId, MemberProcess>()
  #started = false
  #closed = false

  constructor(plan: ClusterPlan, folder: ClusterFolder, events: ClusterEvents) {
    this.plan = plan
    this.recorder = new Recorder(plan)
    this.folder = folder
    this.#events = events
  }

  get pids(): readonly number[] {
    return [...this.#processes.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  }

  isUp(member: ProcessId): boolean {
    return this.#processes.has(member)
  }

  /** Resolves when every member is up and the correct ones are connected to a quorum. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#startAll()
        this.#started = true
        return
      } catch (error) {
        // Somebody else took a port that was free when it was looked for.
        const taken = error instanceof Error && error.message.includes('EADDRINUSE')
        if (!taken || attempt === START_ATTEMPTS_MAX) throw error
        await this.#stopAll()
        await this.folder.clear()
      }
    }
  }

  async #startAll(): Promise<void> {
    const { members, f, correct } = this.plan
    await foundTestGroup(this.folder, members, f, TOUR_CLIENTS)
    const processes = Array.from({ length: members }, (_, rank) => this.#run(rank))
    await Promise.all(processes.map(({ started }) => started))
    await Promise.all(correct.map((rank) => processes[rank]?.ready))
  }

  /** @returns the sequence number, once the member's crash cannot lose it; undefined if the member is down */
  async broadcast(member: ProcessId, payload: Uint8Array): Promise<number | undefined> {
    return this.#processes.get(member)?.broadcast(payload)
  }

  /** Kills the process of a member where it stands. */
  async kill(member: ProcessId): Promise<void> {
    const process = this.#processes.get(member)
    this.#processes.delete(member)
    await process?.kill()
    this.tally.endLife(member)
    this.recorder.died(member, 'crash')
  }

  /** Starts it again with the data folder that it left, and waits until it is connected to a quorum. */
  async restart(member: ProcessId): Promise<void> {
    this.recorder.died(member, 'restart')
    await this.#run(member).ready
  }

  /** In peace; what they still report is recorded. */
  async stop(members: readonly ProcessId[]): Promise<void> {
    await Promise.all(
      members.map(async (member) => {
        await this.#processes.get(member)?.stop()
        this.#processes.delete(member)
      })
    )
  }

  /** The end: nothing is started after it. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#stopAll()
  }

  async #stopAll(): Promise<void> {
    await this.stop([...this.#processes.keys()])
  }

  #run(member: ProcessId): MemberProcess {
    if (this.#closed) throw new OperationError('the cluster has ended')
    const { recorder } = this
    const correct = this.plan.correct.includes(member)
    const process = new MemberProcess(this.#config(member), {
      delivery: (delivery) => {
        recorder.delivery(member, delivery)
        if (delivery.type === 'delivery') process.acknowledge(delivery.position)
      },
      counts: (counts) => {
        // What a Byzantine member says that it saw is of no account.
        if (!correct) return
        for (const fault of this.tally.add(member, counts)) {
          recorder.fault(member, fault)
          this.#events.fault(member, fault)
        }
      },
      failed: (cause) => {
        this.#processes.delete(member)
        // Until all have started it is for start() to say.
        if (!this.#started) return
        if (correct) recorder.stopped(member, cause)
        this.#events.failed(member, cause)
      }
    })
    this.#processes.set(member, process)
    return process
  }

  #config(member: ProcessId): MemberConfig {
    const { stack, byzantine, behaviour, beyondResilience } = this.plan
    const after = this.recorder.position(member)
    const attacks = behaviour !== undefined && byzantine.includes(member)
    return {
      group: this.folder.group,
      key: this.folder.key(member),
      data: this.folder.data(member),
      stack: stack.name,
      // So that who equivocates hands out the proof of it.
      options: { signedSend: true },
      beyondResilience,
      ...(attacks ? { attack: { behaviour: behaviour.name, byzantine } } : {}),
      ...(after === undefined ? {} : { after })
    }
  }
}

/** What `promise` gives, unless it takes longer than that. */
export async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        const error = new OperationError(`${what} within ${timeoutMs / 1000} seconds`)
        timer = setTimeout(() => reject(error), timeoutMs)
      })
    ])
  } finally {
    clearTimeout(timer)
  }
}
