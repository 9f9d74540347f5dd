/**
 * What is drawn of a run because of its model, beside what is drawn in every run: how long processes and links are
 * slow, how often stable and unstable periods alternate, who crashes for good, and who omits messages.
 */
import { alteredModel, type Model } from '../core/model.ts'
import type { Period } from '../simulator/periods.ts'
import type { Rates } from '../simulator/rates.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'

/** In one of so many runs of the asynchronous models there are several unstable periods, and so on. */
const ASYNCHRONOUS_ONE_IN = 8
const PERIODS_MAX = 3
/** Of a stable period between two unstable ones, in steps of ten milliseconds: clients ask within a tenth of a run. */
const STABLE_MS_MIN = 200
const STABLE_MS_MAX = 3000
const STEP_MS = 10
const PAUSES_MAX = 4
const PAUSE_MS_MAX = 500
/** How much faster or slower than the bound a clock may run beyond the model. */
const BEYOND_DRIFT = 4

type Drawn = Pick<Rates, 'healMs'> & Partial<Rates>

/** Whether `bounds` hold from the beginning. */
export const isBounded = ({ timing }: Model) => timing === 'bounded' || timing === 'lockstep rounds'

/**
 * When a run of the model is unstable, and how slow it is then; from a stream of its own.
 *
 * @param unstableMs - of an unstable period
 * @param once - only one, whatever the model
 */
export function drawInstability(model: Model, seed: number, unstableMs: number, once: boolean): Drawn {
  const draw = new SeededRandom(seed, 'timing')
  const { timing, bounds } = model
  if (timing === 'lockstep rounds') return { healMs: unstableMs }
  if (timing === 'bounded') {
    const isSlow = draw.below(2) === 0
    const pauses = { count: draw.between(1, PAUSES_MAX), msMax: bounds?.stepMs ?? 0 }
    return { healMs: unstableMs, ...(isSlow && { pauses }) }
  }
  const isAsynchronous = timing === 'asynchronous'
  const which = draw.below(ASYNCHRONOUS_ONE_IN)
  const eventually = { periods: draw.between(1, PERIODS_MAX), isPaused: draw.below(2) === 0 }
  const several = draw.between(2, PERIODS_MAX)
  const periods = once ? 1 : isAsynchronous ? (which === 0 ? several : 1) : eventually.periods
  const pauses = { count: draw.between(1, PAUSES_MAX), msMax: PAUSE_MS_MAX }
  const isPaused = isAsynchronous ? which === 1 : eventually.isPaused
  return {
    ...drawPeriods(periods, unstableMs, draw),
    ...(isPaused && { pauses }),
    ...(isAsynchronous && which === 2 && { slowLinks: true, neverFast: true }),
    ...(!isAsynchronous && draw.below(2) === 0 && { slowLinks: true })
  }
}

function drawPeriods(count: number, unstableMs: number, draw: SeededRandom): Drawn {
  const stable: Period[] = []
  let healMs = unstableMs
  for (let i = 1; i < count; i++) {
    const until = healMs + STEP_MS * draw.between(STABLE_MS_MIN / STEP_MS, STABLE_MS_MAX / STEP_MS)
    stable.push([healMs, until])
    healMs = until + unstableMs
  }
  return stable.length === 0 ? { healMs } : { healMs, stable }
}

/**
 * Who is faulty without lying: where processes come back some may not, and some omit messages; from a stream of its
 * own.
 *
 * @param faulty - how many members may be, beside the Byzantine ones
 * @param stops - how many of them crash for good, where that is drawn already: a workload may rest on it
 */
export function drawFaulty(model: Model, seed: number, faulty: number, stops?: number): Partial<Rates> {
  const draw = new SeededRandom(seed, 'faulty')
  const { crashes, omissions } = model
  const drawn = () => (crashes === 'recover' && draw.below(2) === 0 ? draw.below(faulty + 1) : 0)
  const lost = stops ?? drawn()
  const left = Math.max(0, faulty - lost)
  return {
    stops: lost,
    ...(omissions !== 'none' && left > 0 && { omitting: { members: draw.between(1, left), omissions } })
  }
}

/** What holds of a run although everything else is drawn as in other models. */
export function withinBounds({ timing, links, bounds }: Model): Partial<Rates> {
  if (bounds === null || (timing !== 'bounded' && timing !== 'lockstep rounds')) return {}
  return {
    latencyMsBound: bounds.latencyMs,
    driftPpmMax: bounds.driftPpm,
    partitions: 0,
    overtakingPpm: 0,
    duplicationPpm: 0,
    ...(links !== 'fair-loss' && { lossPpm: 0 }),
    ...(timing === 'lockstep rounds' && { badClocks: false })
  }
}

type Weakening = Partial<Pick<Model, 'crashes' | 'omissions' | 'links' | 'timing'>>

/** All by which a run may be worse than the model says. Whether anybody lies is asked for by number. */
export function weakenings(
  { crashes, omissions, links, timing, liars }: Model,
  isReal: boolean
): Weakening[] {
  const worse: Weakening[] = []
  if (crashes === 'none') worse.push({ crashes: 'stop' })
  if (crashes !== 'recover') worse.push({ crashes: 'recover' })
  // Liars omit what they like.
  if (!liars && omissions !== 'both') worse.push({ omissions: 'both' })
  if (links === 'perfect') worse.push({ links: 'sessions' })
  // Real links make sessions of a network that loses.
  if (!isReal && links !== 'fair-loss') worse.push({ links: 'fair-loss' })
  if (timing !== 'asynchronous') worse.push({ timing: 'asynchronous' })
  return worse
}

/** One of the weaker models, and what is drawn then that no model says. */
export function drawBeyond(model: Model, seed: number, isReal: boolean): [weaker: Model, Partial<Rates>] {
  const worse = weakenings(model, isReal)
  if (worse.length === 0) return [model, {}]
  const draw = new SeededRandom(seed, 'beyond the model')
  const weaker = alteredModel(model, draw.pick(worse))
  if (weaker.timing === model.timing) return [weaker, {}]
  const { driftPpm } = model.bounds ?? { driftPpm: 0 }
  return [weaker, { slowLinks: true, neverFast: true, driftPpmMax: BEYOND_DRIFT * driftPpm }]
}
