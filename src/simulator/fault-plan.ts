/**
 * What is planned of a seeded run, beside what applications ask for: clocks, crashes, pauses, partitions, ends of
 * sessions.
 */
import type { ProcessId } from '../core/group.ts'
import type { UnstablePeriods } from './periods.ts'
import type { Rates } from './rates.ts'
import { NEVER_US, type Planned } from './schedule.ts'
import { MS } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'

/** Of the operations of a client, as which return it crashes; drawn for each client. */
const CRASHES_ON_RETURN_PPM = [500_000, 900_000] as const
/** How long it is away then: less than what it has asked takes. */
const AWAY_MS_MAX = 20
const CLOCK_OFF_MS_MAX = 10_000_000
const CLOCK_JUMP_MS_MAX = 3_600_000
const CLOCK_DRIFT_PPM_MAX = 50_000

export interface FaultPlanInit {
  readonly seed: number
  readonly rates: Rates
  readonly periods: UnstablePeriods
  readonly ranks: readonly ProcessId[]
  readonly correct: readonly ProcessId[]
}

export function planFaults({ seed, rates, periods, ranks, correct }: FaultPlanInit): Planned[] {
  const random = new SeededRandom(seed, 'faults')
  return [
    ...(rates.badClocks ? ranks.flatMap((rank) => planClock(rank, rates, random)) : []),
    ...planHarm(rates, periods, ranks, correct, random),
    ...planCrashesOnReturn(rates, correct, new SeededRandom(seed, 'crashes on return')),
    ...planPauses(rates, periods, correct, new SeededRandom(seed, 'pauses'))
  ]
}

function planClock(
  process: ProcessId,
  { healMs, driftPpmMax = CLOCK_DRIFT_PPM_MAX }: Rates,
  random: SeededRandom
): Planned[] {
  return [
    {
      kind: 'clock',
      process,
      offsetMs: random.below(CLOCK_OFF_MS_MAX),
      driftPpm: random.between(-driftPpmMax, driftPpmMax)
    },
    {
      kind: 'clock-jump',
      process,
      at: random.below(healMs * MS),
      ms: random.between(-CLOCK_JUMP_MS_MAX, CLOCK_JUMP_MS_MAX)
    }
  ]
}

function planHarm(
  { partitions, sessionEnds, crashes, stops = 0, members }: Rates,
  periods: UnstablePeriods,
  ranks: readonly ProcessId[],
  correct: readonly ProcessId[],
  random: SeededRandom
): Planned[] {
  const moment = () => periods.draw(random)[0]
  const span = () => {
    const [at, end] = periods.draw(random)
    return { at, until: at + random.below(end - at) }
  }
  const planned: Planned[] = []
  for (let i = 0; i < partitions; i++) {
    const side = ranks.filter(() => random.below(2) === 0)
    planned.push({ kind: 'partition', ...span(), side, oneWay: random.below(2) === 0 })
  }
  for (let i = 0; i < sessionEnds && ranks.length > 1; i++) {
    const a = random.pick(ranks)
    const b = (a + 1 + random.below(ranks.length - 1)) % ranks.length
    planned.push({ kind: 'end-session', a, b, at: moment() })
  }
  for (let i = 0; i < crashes && correct.length > 0; i++) {
    planned.push({ kind: 'crash', process: random.pick(correct), ...span() })
  }
  const remaining = correct.filter((process) => process < (members ?? ranks.length))
  for (let i = 0; i < stops && remaining.length > 0; i++) {
    const [process = 0] = remaining.splice(random.below(remaining.length), 1)
    planned.push({ kind: 'crash', process, at: moment(), until: NEVER_US })
  }
  return planned
}

function planCrashesOnReturn(
  { lateAnswers = false, members, workload }: Rates,
  correct: readonly ProcessId[],
  random: SeededRandom
): Planned[] {
  if (members === undefined || !lateAnswers) return []
  const clients = correct.filter((process) => process >= members)
  return clients.flatMap((process) => {
    const ppm = random.pick(CRASHES_ON_RETURN_PPM)
    return Array.from({ length: workload.operationsMax }, (_, index) => index + 1)
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

/**
 * Each in a part of the unstable time of its own, and over before the part is half over: never is one right behind
 * another.
 */
function planPauses(
  { pauses }: Rates,
  periods: UnstablePeriods,
  correct: readonly ProcessId[],
  random: SeededRandom
): Planned[] {
  if (pauses === undefined) return []
  const { count, msMax } = pauses
  const process = random.pick(correct)
  const half = Math.floor(periods.total / count / 2)
  return Array.from({ length: count }, (_, index) => {
    const [at, end] = periods.at(2 * half * index + random.below(half))
    const us = 1 + random.below(Math.min(msMax * MS, half))
    return { kind: 'pause', process, at, until: Math.min(at + us, end) }
  })
}
