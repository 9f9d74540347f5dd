/**
 * Choices drawn from a seed. Every link, disk and application and the plan of faults draw from a named sub-stream of
 * their own. Faults end at `healMs`: after it messages are only delayed (the global stabilisation time of the
 * partially synchronous model).
 */
import type { ProcessId } from '../core/group.ts'
import { type Choices, type FrameFate, UNHARMED } from './choices.ts'
import { LinkPriorities } from './link-priorities.ts'
import type { Planned } from './schedule.ts'
import { MS } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'

/** How much of what happens in a run. Rates are in a million. */
export interface Rates {
  /** Milliseconds of virtual time after which no fault begins any more. */
  readonly healMs: number
  readonly latencyMsMax: number
  /** Some processes reach some others slowly: what they send to all arrives here long after it did there. */
  readonly slowLinks?: boolean
  /** Of frames; only real links see these three. */
  readonly lossPpm: number
  readonly duplicationPpm: number
  readonly overtakingPpm: number
  /** How many times the group is split in two for a while; every second one is one-way. */
  readonly partitions: number
  /** How many sessions end by overflow (ideal links), or connections break (real ones). */
  readonly sessionEnds: number
  /** How many times a correct member crashes and restarts with its store. */
  readonly crashes: number
  /**
   * Answers come so late that they meet another life: clients crash as their operations return, and are back soon, while
   * some messages, and some syncs of the members, take their time.
   */
  readonly lateAnswers?: boolean
  /** Of syncs that fail: the member stops, and is started again. */
  readonly syncFailurePpm: number
  /** How many times a correct member crashes for good: where processes fail by stopping alone. */
  readonly stops?: number
  /** Broadcasts of each member's application; where members keep registers, what stirs the Byzantine ones. */
  readonly broadcasts: number
  /** What clients do with the registers that members keep. */
  readonly registers?: RegisterWorkload | undefined
  readonly payloadBytesMax: number
  /** Clocks are off by up to an hour, run fast or slow by up to five percent, and jump once. */
  readonly badClocks: boolean
  /** Probabilistic concurrency testing: links have priorities instead of random latencies. */
  readonly priorities?: { readonly changePoints: number } | undefined
}

export interface RegisterWorkload {
  /** Processes from this number on are clients. */
  readonly members: number
  /** One: the first client writes, the others read. Many: all do both. */
  readonly writers: 'one' | 'many'
  /** One: the second client alone reads. */
  readonly readers?: 'one' | undefined
  /** How many registers there are; each operation is about one of them. Default: 1. */
  readonly keys?: number
  /** Of each client. */
  readonly operations: number
  /** Within how long they are asked for, milliseconds: in a short one each begins where the last one ends. */
  readonly withinMs: number
}

/** Nothing but broadcasts, and messages that take up to 20 ms. */
export const CALM: Rates = Object.freeze({
  healMs: 500,
  latencyMsMax: 20,
  lossPpm: 0,
  duplicationPpm: 0,
  overtakingPpm: 0,
  partitions: 0,
  sessionEnds: 0,
  crashes: 0,
  syncFailurePpm: 0,
  broadcasts: 2,
  payloadBytesMax: 32,
  badClocks: false
})

const SLOW_MS_MAX = 500
/** Of the links on which a process sends; drawn for each process. */
const SLOW_LINKS_PPM = [0, 0, 200_000, 800_000] as const
const READS_PER_WRITE = 3
const HANDSHAKE_MS_MAX = 20
const SYNC_MS_MAX = 5
/** Where answers are late, of the syncs of members that take so long, and of messages that take SLOW_MS_MAX. */
const LATE_SYNC_MS_MAX = 300
const LATE_SYNCS_PPM = 500_000
const LATE_MESSAGES_PPM = 250_000
/** Of the operations of a client, as which return it crashes; drawn for each client. */
const CRASHES_ON_RETURN_PPM = [500_000, 900_000] as const
/** How long it is away then: less than what it has asked takes. */
const AWAY_MS_MAX = 20
/** An application takes up to this long to consume a delivery. */
const CONSUME_MS_MAX = 10
/** How late a frame is that others overtake, or a copy of one. */
const LATE_MS_MAX = 200
const DOWN_MS_MAX = 200
/** After the end of every run. */
const NEVER_US = 10 ** 12
const CLOCK_OFF_MS_MAX = 10_000_000
const CLOCK_JUMP_MS_MAX = 3_600_000
const CLOCK_DRIFT_PPM_MAX = 50_000

/** What draws of one process go on. */
interface ProcessStreams {
  readonly disk: SeededRandom
  readonly application: SeededRandom
}

export class SeededChoices implements Choices {
  readonly planned: readonly Planned[]
  readonly #rates: Rates
  readonly #n: number
  readonly #links: readonly SeededRandom[]
  readonly #processes: readonly ProcessStreams[]
  readonly #priorities: LinkPriorities | undefined
  readonly #slow: readonly boolean[]

  constructor(seed: number, rates: Rates, n: number, byzantine: readonly ProcessId[]) {
    this.#rates = rates
    this.#n = n
    this.#links = Array.from({ length: n * n }, (_, link) => {
      return new SeededRandom(seed, `link/${Math.floor(link / n)}/${link % n}`)
    })
    this.#processes = Array.from({ length: n }, (_, id) => ({
      disk: new SeededRandom(seed, `disk/${id}`),
      application: new SeededRandom(seed, `application/${id}`)
    }))
    const { priorities, slowLinks = false } = rates
    this.#slow = slowLinks ? drawSlowLinks(n, new SeededRandom(seed, 'slow links')) : []
    this.#priorities =
      priorities && new LinkPriorities(n * n, priorities.changePoints, new SeededRandom(seed, 'priorities'))
    const random = new SeededRandom(seed, 'faults')
    const ranks = Array.from({ length: n }, (_, rank) => rank)
    const correct = ranks.filter((rank) => !byzantine.includes(rank))
    this.planned = [
      ...ranks.flatMap((rank) => this.#workload(rank, byzantine)),
      ...(rates.badClocks ? ranks.flatMap((rank) => planClock(rank, rates.healMs, random)) : []),
      ...planFaults(rates, ranks, correct, random),
      ...planCrashesOnReturn(rates, correct, new SeededRandom(seed, 'crashes on return'))
    ]
  }

  delay(from: ProcessId, to: ProcessId, _number: number, now: number): number {
    if (this.#priorities !== undefined && now < this.#rates.healMs * MS) {
      return this.#priorities.delay(from * this.#n + to)
    }
    const link = this.#link(from, to)
    const isSlow = now < this.#rates.healMs * MS && this.#isSlow(from, to)
    return link.below((isSlow ? SLOW_MS_MAX : this.#rates.latencyMsMax) * MS)
  }

  fate(from: ProcessId, to: ProcessId, _number: number, now: number): FrameFate {
    const { lossPpm, duplicationPpm, overtakingPpm, healMs } = this.#rates
    if (lossPpm + duplicationPpm + overtakingPpm === 0 || now >= healMs * MS) return UNHARMED
    const random = this.#link(from, to)
    const lost = random.chance(lossPpm)
    const late = (ppm: number) => (random.chance(ppm) ? 1 + random.below(LATE_MS_MAX * MS) : undefined)
    return { lost, overtakenUs: late(overtakingPpm), duplicateUs: late(duplicationPpm) }
  }

  handshake(from: ProcessId, to: ProcessId): number {
    return this.#link(from, to).below(HANDSHAKE_MS_MAX * MS)
  }

  sync(process: ProcessId): number {
    const { lateAnswers = false, registers } = this.#rates
    const { disk } = this.#process(process)
    const isMember = process < (registers?.members ?? this.#n)
    const isSlow = lateAnswers && isMember && disk.chance(LATE_SYNCS_PPM)
    return disk.below((isSlow ? LATE_SYNC_MS_MAX : SYNC_MS_MAX) * MS)
  }

  syncFails(process: ProcessId, _number: number, now: number): number | undefined {
    const { syncFailurePpm, healMs } = this.#rates
    if (syncFailurePpm === 0 || now >= healMs * MS) return undefined
    const { disk } = this.#process(process)
    return disk.chance(syncFailurePpm) ? 1 + disk.below(DOWN_MS_MAX * MS) : undefined
  }

  unsynced(process: ProcessId): 'all' | 'torn' | 'none' {
    return this.#process(process).disk.pick(['all', 'all', 'torn', 'none'] as const)
  }

  consume(process: ProcessId): number {
    return this.#process(process).application.below(CONSUME_MS_MAX * MS)
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

  #workload(process: ProcessId, byzantine: readonly ProcessId[]): Planned[] {
    const { registers } = this.#rates
    if (registers === undefined) return this.#broadcasts(process)
    if (process < registers.members) return byzantine.includes(process) ? this.#broadcasts(process) : []
    return this.#operations(process, registers)
  }

  #operations(
    process: ProcessId,
    { members, writers, readers, keys = 1, operations, withinMs }: RegisterWorkload
  ): Planned[] {
    if (readers === 'one' && process > members + 1) return []
    const { payloadBytesMax } = this.#rates
    const { application } = this.#process(process)
    const draw = () => {
      const at = application.below(withinMs * MS)
      const bytes = 2 + application.below(Math.max(1, payloadBytesMax - 1))
      const writes = writers === 'one' ? process === members : application.below(2) === 0
      const f = writes ? ('write' as const) : ('read' as const)
      return { at, bytes, f, ...(keys > 1 && { key: application.below(keys) }) }
    }
    // Who only reads does so more often than the writer writes: reads that follow each other while a write goes on.
    const length = writers === 'one' && process > members ? operations * READS_PER_WRITE : operations
    return Array.from({ length }, draw)
      .sort((a, b) => a.at - b.at)
      .map((operation, index) => ({ kind: 'operation', process, number: index + 1, ...operation }))
  }

  #broadcasts(process: ProcessId): Planned[] {
    const { broadcasts, payloadBytesMax, healMs } = this.#rates
    const { application } = this.#process(process)
    return Array.from({ length: broadcasts }, () => ({
      at: application.below(healMs * MS),
      bytes: 2 + application.below(Math.max(1, payloadBytesMax - 1))
    }))
      .sort((a, b) => a.at - b.at)
      .map((request, index) => ({ kind: 'broadcast', process, number: index + 1, ...request }))
  }
}

/** By number of the link. */
function drawSlowLinks(n: number, random: SeededRandom): boolean[] {
  return Array.from({ length: n }, () => random.pick(SLOW_LINKS_PPM)).flatMap((ppm) =>
    Array.from({ length: n }, () => random.chance(ppm))
  )
}

function planClock(process: ProcessId, healMs: number, random: SeededRandom): Planned[] {
  return [
    {
      kind: 'clock',
      process,
      offsetMs: random.below(CLOCK_OFF_MS_MAX),
      driftPpm: random.between(-CLOCK_DRIFT_PPM_MAX, CLOCK_DRIFT_PPM_MAX)
    },
    {
      kind: 'clock-jump',
      process,
      at: random.below(healMs * MS),
      ms: random.between(-CLOCK_JUMP_MS_MAX, CLOCK_JUMP_MS_MAX)
    }
  ]
}

function planFaults(
  { healMs, partitions, sessionEnds, crashes, stops = 0, registers }: Rates,
  ranks: readonly ProcessId[],
  correct: readonly ProcessId[],
  random: SeededRandom
): Planned[] {
  const heal = healMs * MS
  const span = () => {
    const at = random.below(heal)
    return { at, until: at + random.below(heal - at) }
  }
  const planned: Planned[] = []
  for (let i = 0; i < partitions; i++) {
    const side = ranks.filter(() => random.below(2) === 0)
    planned.push({ kind: 'partition', ...span(), side, oneWay: random.below(2) === 0 })
  }
  for (let i = 0; i < sessionEnds && ranks.length > 1; i++) {
    const a = random.pick(ranks)
    const b = (a + 1 + random.below(ranks.length - 1)) % ranks.length
    planned.push({ kind: 'end-session', a, b, at: random.below(heal) })
  }
  for (let i = 0; i < crashes && correct.length > 0; i++) {
    planned.push({ kind: 'crash', process: random.pick(correct), ...span() })
  }
  const standing = correct.filter((process) => process < (registers?.members ?? ranks.length))
  for (let i = 0; i < stops && standing.length > 0; i++) {
    const [process = 0] = standing.splice(random.below(standing.length), 1)
    planned.push({ kind: 'crash', process, at: random.below(heal), until: NEVER_US })
  }
  return planned
}

function planCrashesOnReturn(
  { lateAnswers = false, registers }: Rates,
  correct: readonly ProcessId[],
  random: SeededRandom
): Planned[] {
  if (registers === undefined || !lateAnswers) return []
  const { members, operations } = registers
  const clients = correct.filter((process) => process >= members)
  return clients.flatMap((process) => {
    const ppm = random.pick(CRASHES_ON_RETURN_PPM)
    return Array.from({ length: operations * READS_PER_WRITE }, (_, index) => index + 1)
      .filter(() => random.chance(ppm))
      .map((number) => ({
        kind: 'crash-on',
        process,
        event: 'return',
        number,
        us: 1 + random.below(AWAY_MS_MAX * MS)
      }))
  })
}
