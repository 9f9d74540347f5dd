/**
 * The tour of a group whose members follow a leader: clients ask for one thing after the other, all along, while the
 * phases happen (phases.ts). Liars follow the protocol until it is their turn to lead.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessId } from '../core/group.ts'
import type { Standing } from '../laboratory/abstractions/abstraction.ts'
import type { Cluster } from './cluster.ts'
import { isOwed } from './judgement.ts'
import { LedLoad } from './led-load.ts'
import { standingOf } from './led-standing.ts'
import { type Phase, type PhaseName, phasesOf, strickenIn } from './phases.ts'
import { recordOf, ServiceClients } from './service-clients.ts'
import { allConnected, COUNTS_MS, until } from './tour-steps.ts'
import type { TourEvents, Toured } from './use.ts'

/** Operations that are completed before a phase strikes, and after the others have gone on without whom it struck. */
const OPERATIONS_MIN = 20
/** How long a liar leads, if nobody gives it up. */
const REIGN_MS = 3000
/** Between looks at whether something is owed still: all of the history is judged for it. */
const OWED_MS = 250

export async function tourLed(cluster: Cluster, events: TourEvents, signal: AbortSignal): Promise<Toured> {
  await allConnected(cluster, signal)
  const clients = new ServiceClients(cluster)
  const phases: Phase[] = []
  try {
    await clients.start()
    const load = new LedLoad(cluster, clients)
    const tour = new LedTour(cluster, events, signal)
    const loading = load.run(signal)
    for (const name of phasesOf(cluster.plan)) {
      if (signal.aborted) break
      for await (const phase of tour.to(name)) phases.push(phase)
    }
    load.stop()
    await loading
    events.settling()
    const settled = await settle(cluster, clients, signal)
    return { settled, clients: clients.count, phases }
  } finally {
    await clients.stop()
  }
}

/** Until all that was asked for has returned, and all that is promised has come about. */
async function settle(cluster: Cluster, clients: ServiceClients, signal: AbortSignal): Promise<boolean> {
  const { plan } = cluster
  const record = recordOf(cluster)
  let settled = false
  while (!settled && !signal.aborted) {
    settled = record.allEnded && !isOwed(plan, record, clients.count)
    if (!settled) await pause(OWED_MS)
  }
  clients.countUp()
  await pause(COUNTS_MS)
  await cluster.stop(plan.byzantine)
  return settled
}

class LedTour {
  readonly #cluster: Cluster
  readonly #events: TourEvents
  readonly #signal: AbortSignal

  constructor(cluster: Cluster, events: TourEvents, signal: AbortSignal) {
    this.#cluster = cluster
    this.#events = events
    this.#signal = signal
  }

  /** That phase; before it, as often as it takes, leaders under whom it cannot begin are cut off. */
  async *to(wanted: PhaseName): AsyncGenerator<Phase> {
    const { byzantine, correct } = this.#cluster.plan
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
    const stricken = strickenIn(name, leader, this.#cluster.plan)
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
    await this.#cluster.kill(leader)
    this.#events.killed(leader)
    await this.#goneOnWithout([leader], before)
    if (this.#signal.aborted) return
    await this.#cluster.restart(leader)
    this.#events.restarted(leader)
    await this.#caughtUp([leader])
  }

  async #cutOff(members: readonly ProcessId[], before: Standing): Promise<void> {
    for (const member of members) this.#cluster.cut(member, true)
    await this.#goneOnWithout(members, before)
    for (const member of members) this.#cluster.cut(member, false)
    await this.#caughtUp(members)
  }

  /** They lie until nobody follows any of them, or for so long that it says something that they are followed. */
  async #betray(liars: readonly ProcessId[], { term }: Standing): Promise<void> {
    for (const liar of liars) this.#cluster.attack(liar)
    const over = performance.now() + REIGN_MS
    await this.#completed(OPERATIONS_MIN)
    await this.#until(() => {
      const now = this.#common(this.#cluster.plan.correct)
      const isGivenUp = now !== undefined && now.term > term && !liars.includes(now.leader)
      return isGivenUp || performance.now() > over
    })
  }

  /** The others follow somebody else, and operations are completed under them. */
  async #goneOnWithout(away: readonly ProcessId[], { term }: Standing): Promise<void> {
    const others = this.#cluster.plan.correct.filter((member) => !away.includes(member))
    await this.#until(() => (this.#common(others)?.term ?? 0) > term)
    await this.#completed(OPERATIONS_MIN)
  }

  /** They have done what the others had done when they came back. */
  async #caughtUp(members: readonly ProcessId[]): Promise<void> {
    const there = Math.max(...[...this.#standings().values()].map(({ done }) => done))
    const back = members.filter((member) => this.#cluster.plan.correct.includes(member))
    await this.#until(() => back.every((member) => (standingOf(this.#cluster, member)?.done ?? 0) >= there))
  }

  async #completed(more: number): Promise<void> {
    const enough = this.#operations + more
    await this.#until(() => this.#operations >= enough)
  }

  /** Where all are, once they are in one term. */
  async #agreed(): Promise<Standing | undefined> {
    const { correct } = this.#cluster.plan
    await this.#until(() => this.#common(correct) !== undefined)
    return this.#signal.aborted ? undefined : this.#common(correct)
  }

  /** What is so at all of them. */
  #common(members: readonly ProcessId[]): Standing | undefined {
    const standings = members.map((member) => standingOf(this.#cluster, member))
    const [first] = standings
    const isCommon = standings.every((one) => one?.isLeaving === false && one.term === first?.term)
    return isCommon ? first : undefined
  }

  #standings(): ReadonlyMap<ProcessId, Standing> {
    const members = this.#cluster.plan.correct.flatMap((member) => {
      const standing = standingOf(this.#cluster, member)
      return standing === undefined ? [] : [[member, standing] as const]
    })
    return new Map(members)
  }

  get #operations(): number {
    return recordOf(this.#cluster).completed
  }

  async #until(holds: () => boolean): Promise<void> {
    await until(holds, this.#signal)
  }
}
