/** Puts a group with a leader through its phases (phases.ts); each begins when nobody is stricken any more. */
import type { ProcessId } from '../core/group.ts'
import type { Standing } from '../laboratory/abstractions/abstraction.ts'
import { type Phase, type PhaseName, phasesOf, strickenIn } from './phases.ts'
import type { ClusterPlan } from './plan.ts'
import { until } from './tour-steps.ts'
import type { TourEvents } from './use.ts'

/** Operations that are completed before a phase strikes, and after the others have gone on without whom it struck. */
const OPERATIONS_MIN = 20
/** How long a liar leads, if nobody gives it up. */
const REIGN_MS = 3000

/** What is done to a group, and what is seen of it. */
export interface Struck {
  readonly plan: Pick<ClusterPlan, 'f' | 'correct' | 'byzantine'>
  /** Undefined of a member that is down, or lies. */
  standing(member: ProcessId): Standing | undefined
  /** That clients have completed. */
  readonly operations: number
  kill(member: ProcessId): Promise<void>
  restart(member: ProcessId): Promise<void>
  cut(member: ProcessId, isCut: boolean): void
  attack(member: ProcessId): void
}

type PhaseEvents = Pick<TourEvents, 'phase' | 'phaseOver' | 'killed' | 'restarted'>

/** Each as it is over; fewer if the tour ends before. */
export async function* runPhases(
  group: Struck,
  events: PhaseEvents,
  signal: AbortSignal
): AsyncGenerator<Phase> {
  const runner = new PhaseRunner(group, events, signal)
  for (const name of phasesOf(group.plan)) if (!signal.aborted) yield* runner.to(name)
}

class PhaseRunner {
  readonly #group: Struck
  readonly #events: PhaseEvents
  readonly #signal: AbortSignal

  constructor(group: Struck, events: PhaseEvents, signal: AbortSignal) {
    this.#group = group
    this.#events = events
    this.#signal = signal
  }

  /** That phase; before it, as often as it takes, leaders under whom it cannot begin are cut off. */
  async *to(wanted: PhaseName): AsyncGenerator<Phase> {
    const { byzantine, correct } = this.#group.plan
    // Whoever is to lie keeps nothing on a disk: it is not killed. And it lies once it leads.
    const leaders = wanted === 'leader lies' ? byzantine : correct
    for (;;) {
      await this.#completed(OPERATIONS_MIN)
      const before = await this.#agreed()
      if (before === undefined) return
      const isNow = wanted === 'leader cut off' || leaders.includes(before.leader)
      const phase = await this.#go(isNow ? wanted : 'leader cut off', before)
      if (phase === undefined) return
      this.#events.phaseOver(phase)
      yield phase
      if (isNow) return
    }
  }

  /** @returns undefined if the tour ended before */
  async #go(name: PhaseName, before: Standing): Promise<Phase | undefined> {
    const { leader, term: from } = before
    const stricken = strickenIn(name, leader, this.#group.plan)
    const begun = performance.now()
    const completed = this.#operations
    this.#events.phase({ name, leader, stricken })
    if (name === 'leader killed') await this.#kill(leader, before)
    else if (name === 'leader cut off') await this.#cutOff(stricken.cutOff, before)
    else await this.#betray(stricken.lying, before)
    const after = await this.#agreed()
    if (after === undefined) return undefined
    return {
      name,
      leader,
      stricken,
      from,
      to: after.term,
      operations: this.#operations - completed,
      ms: Math.round(performance.now() - begun),
      standings: this.#standings()
    }
  }

  async #kill(leader: ProcessId, before: Standing): Promise<void> {
    await this.#group.kill(leader)
    this.#events.killed(leader)
    await this.#goneOnWithout([leader], before)
    if (this.#signal.aborted) return
    await this.#group.restart(leader)
    this.#events.restarted(leader)
    await this.#caughtUp([leader])
  }

  async #cutOff(members: readonly ProcessId[], before: Standing): Promise<void> {
    for (const member of members) this.#group.cut(member, true)
    await this.#goneOnWithout(members, before)
    for (const member of members) this.#group.cut(member, false)
    await this.#caughtUp(members)
  }

  /** They lie until nobody follows any of them, or for so long that it says something that they are followed. */
  async #betray(liars: readonly ProcessId[], { term }: Standing): Promise<void> {
    for (const liar of liars) this.#group.attack(liar)
    const over = performance.now() + REIGN_MS
    await this.#completed(OPERATIONS_MIN)
    await this.#until(() => {
      const now = this.#common(this.#group.plan.correct)
      const isGivenUp = now !== undefined && now.term > term && !liars.includes(now.leader)
      return isGivenUp || performance.now() > over
    })
  }

  /** The others follow somebody else, and operations are completed under them. */
  async #goneOnWithout(away: readonly ProcessId[], { term }: Standing): Promise<void> {
    const others = this.#group.plan.correct.filter((member) => !away.includes(member))
    await this.#until(() => (this.#common(others)?.term ?? 0) > term)
    await this.#completed(OPERATIONS_MIN)
  }

  /** They have done what the others had done when they came back. */
  async #caughtUp(members: readonly ProcessId[]): Promise<void> {
    const there = Math.max(...[...this.#standings().values()].map(({ done }) => done))
    const back = members.filter((member) => this.#group.plan.correct.includes(member))
    await this.#until(() => back.every((member) => (this.#group.standing(member)?.done ?? 0) >= there))
  }

  async #completed(more: number): Promise<void> {
    const enough = this.#operations + more
    await this.#until(() => this.#operations >= enough)
  }

  /** Where all are, once they are in one term. */
  async #agreed(): Promise<Standing | undefined> {
    const { correct } = this.#group.plan
    await this.#until(() => this.#common(correct) !== undefined)
    return this.#signal.aborted ? undefined : this.#common(correct)
  }

  /** What is so at all of them. */
  #common(members: readonly ProcessId[]): Standing | undefined {
    const standings = members.map((member) => this.#group.standing(member))
    const [first] = standings
    const isCommon = standings.every((one) => one?.isLeaving === false && one.term === first?.term)
    return isCommon ? first : undefined
  }

  #standings(): ReadonlyMap<ProcessId, Standing> {
    const members = this.#group.plan.correct.flatMap((member) => {
      const standing = this.#group.standing(member)
      return standing === undefined ? [] : [[member, standing] as const]
    })
    return new Map(members)
  }

  get #operations(): number {
    return this.#group.operations
  }

  async #until(holds: () => boolean): Promise<void> {
    await until(holds, this.#signal)
  }
}
