/** The members of a cluster: their processes, and what is heard of them. */
import type { Fault } from '../core/fault.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { OperationError } from '../program/errors.ts'
import type { StackOptions } from '../stacks/stack.ts'
import { type ClusterFolder, foundTestGroup } from './folder.ts'
import { MemberProcess } from './member-process.ts'
import type { Asked, MemberConfig } from './messages.ts'
import type { ClusterPlan } from './plan.ts'
import type { Recorder } from './recorder.ts'
import { Tally } from './tally.ts'

const START_ATTEMPTS_MAX = 3

export interface ClusterEvents {
  /** A correct member saw something of another for the first time. */
  fault(by: ProcessId, fault: Fault): void
  /** A member ended that nobody told to. */
  failed(member: ProcessId, cause: string): void
}

/** What of a cluster depends on what is done with it. */
export interface ClusterMake {
  /** How many clients there are keys for. */
  clients(plan: ClusterPlan): number
  /** Members run the application of the laboratory on top of their stack. */
  readonly applied: boolean
  /** Liars follow the protocol until they are told to attack. */
  readonly loyal?: boolean
  /** The bounds of members, where they are not those of everybody. */
  options?(plan: ClusterPlan): StackOptions
  recorder(plan: ClusterPlan): Recorder
}

export class Cluster {
  readonly plan: ClusterPlan
  readonly recorder: Recorder
  readonly tally = new Tally()
  readonly folder: ClusterFolder
  readonly #make: ClusterMake
  readonly #events: ClusterEvents
  readonly #processes = new Map<ProcessId, MemberProcess>()
  #started = false
  #closed = false
  #lastStartedMs = performance.now()
  #founded: Group | undefined

  constructor(plan: ClusterPlan, make: ClusterMake, folder: ClusterFolder, events: ClusterEvents) {
    this.plan = plan
    this.#make = make
    this.recorder = make.recorder(plan)
    this.folder = folder
    this.#events = events
  }

  /** Whose members they are, once they have started. */
  get founded(): Group | undefined {
    return this.#founded
  }

  /** The bounds of its members. */
  get options(): StackOptions {
    return this.#make.options?.(this.plan) ?? {}
  }

  get pids(): readonly number[] {
    return [...this.#processes.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  }

  /** Milliseconds since a member came a step further in starting. */
  get startingQuietMs(): number {
    return performance.now() - this.#lastStartedMs
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
    this.#founded = await foundTestGroup(this.folder, members, f, this.#make.clients(this.plan))
    const processes = Array.from({ length: members }, (_, rank) => this.#run(rank))
    const step = () => {
      this.#lastStartedMs = performance.now()
    }
    await Promise.all(processes.map(({ started }) => started.then(step)))
    await Promise.all(correct.map((rank) => processes[rank]?.ready.then(step)))
  }

  /** @returns what it returns; undefined if the member is down */
  async ask(member: ProcessId, asked: Asked): Promise<PlainValue | undefined> {
    return this.#processes.get(member)?.ask(asked)
  }

  /** Kills the process of a member where it stands. */
  async kill(member: ProcessId): Promise<void> {
    const process = this.#processes.get(member)
    this.#processes.delete(member)
    await process?.kill()
    this.tally.endLife(member)
    this.recorder.died(member, 'crash')
  }

  /** A liar attacks, if it has followed the protocol so far. */
  attack(member: ProcessId): void {
    this.#processes.get(member)?.attack()
  }

  /** Nothing of others reaches the member any more, nor they it; or everything again. */
  cut(member: ProcessId, isCut: boolean): void {
    this.#processes.get(member)?.cut(isCut)
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
      began: (originMs) => recorder.began(member, originMs),
      told: (told) => {
        recorder.told(member, told)
        process.consume(told.service)
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
    const attacks = behaviour !== undefined && byzantine.includes(member)
    const { applied, loyal = false } = this.#make
    return {
      group: this.folder.group,
      key: this.folder.key(member),
      data: this.folder.data(member),
      stack: stack.name,
      applied,
      beyondResilience,
      options: this.options,
      ...(attacks ? { attack: { behaviour: behaviour.name, byzantine, loyal } } : {})
    }
  }
}
