/**
 * Choices drawn from a seed. Every link, disk and application and the plan of faults draw from a named sub-stream of
 * their own. Faults are those of unstable periods: in stable ones messages are only delayed, and the last stable one,
 * from `healMs` on, does not end (the global stabilisation time of the partially synchronous model).
 */
import type { ProcessId } from '../core/group.ts'
import { type Choices, type FrameFate, UNHARMED } from './choices.ts'
import { planFaults } from './fault-plan.ts'
import { LinkPriorities } from './link-priorities.ts'
import { UnstablePeriods } from './periods.ts'
import type { Rates } from './rates.ts'
import { LATENCY_US, type Planned } from './schedule.ts'
import { MS } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'

const SLOW_MS_MAX = 500
/** Of the links on which a process sends; drawn for each process. */
const SLOW_LINKS_PPM = [0, 0, 200_000, 800_000] as const
const HANDSHAKE_MS_MAX = 20
const SYNC_MS_MAX = 5
/** Where disks are slow, or answers late, of the syncs that take so long; and of messages that take SLOW_MS_MAX. */
const LATE_SYNC_MS_MAX = 300
const LATE_SYNCS_PPM = 500_000
const LATE_MESSAGES_PPM = 250_000
/** An application takes up to this long to consume a delivery. */
const CONSUME_MS_MAX = 10
/** How late a frame is that others overtake, or a copy of one. */
const LATE_MS_MAX = 200
const DOWN_MS_MAX = 200
/** Of the messages of a member that omits some; drawn for each such member. */
const OMISSIONS_PPM = [100_000, 500_000, 1_000_000] as const

/** What draws of one process go on. */
interface ProcessStreams {
  readonly disk: SeededRandom
  readonly application: SeededRandom
}

interface Omitting {
  readonly ppm: number
  readonly random: SeededRandom
}

export class SeededChoices implements Choices {
  readonly planned: readonly Planned[]
  readonly #rates: Rates
  readonly #n: number
  readonly #links: readonly SeededRandom[]
  readonly #processes: readonly ProcessStreams[]
  readonly #priorities: LinkPriorities | undefined
  readonly #slow: readonly boolean[]
  readonly #periods: UnstablePeriods
  readonly #omitting: ReadonlyMap<ProcessId, Omitting>

  constructor(seed: number, rates: Rates, n: number, byzantine: readonly ProcessId[]) {
    this.#rates = rates
    this.#n = n
    this.#periods = new UnstablePeriods(rates.healMs, rates.stable)
    this.#links = Array.from({ length: n * n }, (_, link) => {
      return new SeededRandom(seed, `link/${Math.floor(link / n)}/${link % n}`)
    })
    this.#processes = Array.from({ length: n }, (_, id) => ({
      disk: new SeededRandom(seed, `disk/${id}`),
      application: new SeededRandom(seed, `application/${id}`)
    }))
    const { priorities, slowLinks = false, strandedWrites = false, members } = rates
    if (strandedWrites && members !== undefined)
      this.#slow = strandedLinks(n, members, byzantine, new SeededRandom(seed, 'stranded writes'))
    else this.#slow = slowLinks ? drawSlowLinks(n, new SeededRandom(seed, 'slow links')) : []
    this.#priorities =
      priorities && new LinkPriorities(n * n, priorities.changePoints, new SeededRandom(seed, 'priorities'))
    const ranks = Array.from({ length: n }, (_, rank) => rank)
    const correct = ranks.filter((rank) => !byzantine.includes(rank))
    this.#omitting = drawOmitting(seed, rates, correct)
    this.planned = [
      ...ranks.flatMap((rank) =>
        rates.workload.requests(rank, byzantine.includes(rank), this.#process(rank).application)
      ),
      ...planFaults({ seed, rates, periods: this.#periods, ranks, correct })
    ]
  }

  delay(from: ProcessId, to: ProcessId, _number: number, now: number): number {
    const { latencyMsBound } = this.#rates
    const us = this.#drawDelay(from, to, now)
    return latencyMsBound === undefined ? us : Math.min(us, latencyMsBound * MS - LATENCY_US)
  }

  fate(from: ProcessId, to: ProcessId, _number: number, now: number): FrameFate {
    const { lossPpm, duplicationPpm, overtakingPpm } = this.#rates
    if (lossPpm + duplicationPpm + overtakingPpm === 0 || !this.#periods.includes(now)) return UNHARMED
    const random = this.#link(from, to)
    const lost = random.chance(lossPpm)
    const late = (ppm: number) => (random.chance(ppm) ? 1 + random.below(LATE_MS_MAX * MS) : undefined)
    return { lost, overtakenUs: late(overtakingPpm), duplicateUs: late(duplicationPpm) }
  }

  handshake(from: ProcessId, to: ProcessId): number {
    return this.#link(from, to).below(HANDSHAKE_MS_MAX * MS)
  }

  sync(process: ProcessId): number {
    const { lateAnswers = false, slowDisks = false, members = this.#n } = this.#rates
    const { disk } = this.#process(process)
    const isMember = process < members
    const isSlow = (slowDisks || (lateAnswers && isMember)) && disk.chance(LATE_SYNCS_PPM)
    return disk.below((isSlow ? LATE_SYNC_MS_MAX : SYNC_MS_MAX) * MS)
  }

  syncFails(process: ProcessId, _number: number, now: number): number | undefined {
    const { syncFailurePpm } = this.#rates
    if (syncFailurePpm === 0 || !this.#periods.includes(now)) return undefined
    const { disk } = this.#process(process)
    return disk.chance(syncFailurePpm) ? 1 + disk.below(DOWN_MS_MAX * MS) : undefined
  }

  unsynced(process: ProcessId): 'all' | 'torn' | 'none' {
    return this.#process(process).disk.pick(['all', 'all', 'torn', 'none'] as const)
  }

  consume(process: ProcessId): number {
    return this.#process(process).application.below(CONSUME_MS_MAX * MS)
  }

  mayOmit(process: ProcessId): boolean {
    return this.#omitting.has(process)
  }

  omits(change: 'send' | 'receive', process: ProcessId): boolean {
    const omitting = this.#omitting.get(process)
    const { omissions } = this.#rates.omitting ?? {}
    if (omitting === undefined || (omissions !== 'both' && omissions !== change)) return false
    return omitting.random.chance(omitting.ppm)
  }

  #drawDelay(from: ProcessId, to: ProcessId, now: number): number {
    const isUnstable = this.#periods.includes(now)
    if (this.#priorities !== undefined && isUnstable) return this.#priorities.delay(from * this.#n + to)
    const link = this.#link(from, to)
    const isSlow = (isUnstable || this.#rates.neverFast === true) && this.#isSlow(from, to)
    return link.below((isSlow ? SLOW_MS_MAX : this.#rates.latencyMsMax) * MS)
  }

  #isSlow(from: ProcessId, to: ProcessId): boolean {
    if (this.#rates.lateAnswers === true) return this.#link(from, to).chance(LATE_MESSAGES_PPM)
    return this.#slow[from * this.#n + to] === true
  }

  #link(from: ProcessId, to: ProcessId): SeededRandom {
    return this.#links[from * this.#n + to] as SeededRandom
  }

  #process(id: ProcessId): ProcessStreams {
    return this.#processes[id] as ProcessStreams
  }
}

/** By number of the link. */
function drawSlowLinks(n: number, random: SeededRandom): boolean[] {
  return Array.from({ length: n }, () => random.pick(SLOW_LINKS_PPM)).flatMap((ppm) =>
    Array.from({ length: n }, () => random.chance(ppm))
  )
}

/** By number of the link. */
function strandedLinks(
  n: number,
  members: number,
  byzantine: readonly ProcessId[],
  random: SeededRandom
): boolean[] {
  const writer = members
  const correct = Array.from({ length: members }, (_, member) => member).filter(
    (member) => !byzantine.includes(member)
  )
  const near = random.pick(correct)
  const reader = random.between(writer + 1, n - 1)
  return Array.from({ length: n * n }, (_, link) => {
    const [from, to] = [Math.floor(link / n), link % n]
    return (from === writer && to !== near && correct.includes(to)) || (from === near && to === reader)
  })
}

function drawOmitting(
  seed: number,
  { omitting, members }: Rates,
  correct: readonly ProcessId[]
): ReadonlyMap<ProcessId, Omitting> {
  if (omitting === undefined) return new Map()
  const random = new SeededRandom(seed, 'omitting')
  const remaining = correct.filter((process) => process < (members ?? Number.POSITIVE_INFINITY))
  const drawn = new Map<ProcessId, Omitting>()
  for (let i = 0; i < omitting.members && remaining.length > 0; i++) {
    const [process = 0] = remaining.splice(random.below(remaining.length), 1)
    const ppm = random.pick(OMISSIONS_PPM)
    drawn.set(process, { ppm, random: new SeededRandom(seed, `omissions/${process}`) })
  }
  return drawn
}
