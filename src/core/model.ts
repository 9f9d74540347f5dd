/**
 * Models as data (CGR11 section 2.7): what an algorithm may assume of processes, links, time, detectors and randomness.
 * A stack declares its model; a component says what it needs of one. The simulator draws what the model says, and
 * nothing else.
 */
import { ModelError } from './errors.ts'

/** What holds of time where it is bounded: always, or in stable periods. */
export interface Bounds {
  /** A message takes at most so long from one process to another; milliseconds. */
  readonly latencyMs: number
  /** A process that is up handles what comes to it within so long; milliseconds. */
  readonly stepMs: number
  /** A clock runs fast or slow by at most so much; parts per million. */
  readonly driftPpm: number
}

export interface Model {
  readonly name: string
  /** Faulty processes may do anything at all: fail-arbitrary, Byzantine. */
  readonly liars: boolean
  /** Processes can sign what they say, so that it convinces third parties. */
  readonly signatures: boolean
  /** Stop: a process that crashes does not come back, and is faulty. Recover: it comes back with its stable storage. */
  readonly crashes: 'none' | 'stop' | 'recover'
  /** What a faulty process omits of what its algorithm has it do: to send some messages, to receive some, or both. */
  readonly omissions: 'none' | 'send' | 'receive' | 'both'
  /** Others may learn what passes on links and what faulty processes know (eavesdropping, CGR11 section 2.2.5). */
  readonly observed: boolean
  /**
   * Perfect: between processes that do not crash every message arrives, once. Sessions: so it does while a session
   * lasts, and sessions end. Fair-loss: any message may be lost, doubled or overtaken, and there are no sessions.
   */
  readonly links: 'perfect' | 'sessions' | 'fair-loss'
  /**
   * Bounded: `bounds` hold always. Eventually bounded: they hold in stable periods, of which the last one does not end.
   * Lockstep rounds: `bounds` hold, and all clocks show the same; what is sent in a round arrives in it.
   */
  readonly timing: 'asynchronous' | 'eventually bounded' | 'bounded' | 'lockstep rounds'
  /** A stack may know them; null where timing is asynchronous. */
  readonly bounds: Bounds | null
  readonly detector: 'none' | 'perfect' | 'eventually perfect' | 'eventual leader' | 'byzantine leader'
  /** Local: each process tosses its own. Common: all see the same. */
  readonly coin: 'none' | 'local' | 'common'
}

type Assumptions = Omit<Model, 'name'>

/** The latency leaves room for a session to begin, the step for a sync of the disk. */
export const TIME_BOUNDS: Bounds = Object.freeze({ latencyMs: 300, stepMs: 100, driftPpm: 50_000 })

/** A model: by default nothing fails and nothing is known of time. `bounds` follow from the timing, unless given. */
export function defineModel(name: string, changes: Partial<Assumptions> = {}): Model {
  const { timing = 'asynchronous' } = changes
  return Object.freeze({
    name,
    liars: false,
    signatures: false,
    crashes: 'none',
    omissions: 'none',
    observed: false,
    links: 'perfect',
    bounds: timing === 'asynchronous' ? null : TIME_BOUNDS,
    detector: 'none',
    coin: 'none',
    ...changes,
    timing
  })
}

/** The model but for `changes`, which its name tells. */
export function alteredModel(model: Model, changes: Partial<Assumptions>): Model {
  const told = Object.entries(changes).flatMap(([field, value]) =>
    field === 'bounds' ? [] : [`${field}: ${value}`]
  )
  const { name, bounds: _, ...kept } = model
  return defineModel([name, ...told].join(', '), { ...kept, ...changes })
}

const crashStop = { crashes: 'stop' } as const
/** In the book correct processes of this model do not crash; here they may, and come back. */
const arbitrary = {
  liars: true,
  signatures: true,
  crashes: 'recover',
  observed: true,
  links: 'sessions'
} as const

export const failStop = defineModel('fail-stop', { ...crashStop, timing: 'bounded', detector: 'perfect' })
export const failNoisy = defineModel('fail-noisy', {
  ...crashStop,
  timing: 'eventually bounded',
  detector: 'eventually perfect'
})
export const failSilent = defineModel('fail-silent', crashStop)
export const failSilentRandomized = defineModel('fail-silent randomized', { ...crashStop, coin: 'local' })
export const failRecovery = defineModel('fail-recovery', {
  crashes: 'recover',
  links: 'sessions',
  timing: 'eventually bounded',
  detector: 'eventual leader'
})
export const failArbitraryNoisy = defineModel('fail-arbitrary noisy', {
  ...arbitrary,
  timing: 'eventually bounded',
  detector: 'byzantine leader'
})
export const failArbitrarySilent = defineModel('fail-arbitrary silent', arbitrary)
export const failArbitraryRandomized = defineModel('fail-arbitrary randomized', {
  ...arbitrary,
  coin: 'common'
})
/** Another name of fail-arbitrary silent. */
export const failArbitrary = failArbitrarySilent

export const namedModels: readonly Model[] = [
  failStop,
  failNoisy,
  failSilent,
  failSilentRandomized,
  failRecovery,
  failArbitraryNoisy,
  failArbitrarySilent,
  failArbitraryRandomized
]

/** By one of the eight names, or `fail-arbitrary`. */
export const findModel = (name: string): Model | undefined =>
  name === 'fail-arbitrary' ? failArbitrary : namedModels.find((model) => model.name === name)

/** What a component needs of the model of its stack, at least; of what it does not name it needs nothing. */
export type Needs = Partial<Omit<Assumptions, 'bounds'>>

/** Of the algorithms for processes that crash and do not come back, on perfect links. */
export const CRASH_STOP = {
  liars: false,
  crashes: 'stop',
  omissions: 'none',
  links: 'perfect'
} as const satisfies Needs
/** Of those for processes that come back with what they stored. */
export const CRASH_RECOVERY = {
  liars: false,
  crashes: 'recover',
  omissions: 'none',
  links: 'sessions'
} as const satisfies Needs

/** Whether what is assumed is at least what is needed. */
type Order<V> = (assumed: V, needed: V) => boolean

/** @param values - the mildest first: each is enough wherever a later one is */
const ladder =
  <V>(...values: readonly V[]): Order<V> =>
  (assumed, needed) =>
    values.indexOf(assumed) <= values.indexOf(needed)

/** @param also - by value those others for which it is enough too */
const enough =
  <V extends string>(also: { readonly [K in V]: readonly V[] }): Order<V> =>
  (assumed, needed) =>
    assumed === needed || also[assumed].includes(needed)

const orders: { readonly [F in keyof Needs]-?: Order<Assumptions[F]> } = {
  liars: ladder(false, true),
  signatures: ladder(true, false),
  crashes: ladder<Model['crashes']>('none', 'stop', 'recover'),
  omissions: enough<Model['omissions']>({
    none: ['send', 'receive', 'both'],
    send: ['both'],
    receive: ['both'],
    both: []
  }),
  observed: ladder(false, true),
  links: ladder<Model['links']>('perfect', 'sessions', 'fair-loss'),
  timing: ladder<Model['timing']>('lockstep rounds', 'bounded', 'eventually bounded', 'asynchronous'),
  detector: enough<Model['detector']>({
    perfect: ['eventually perfect', 'eventual leader', 'none'],
    'eventually perfect': ['eventual leader', 'none'],
    'eventual leader': ['none'],
    'byzantine leader': ['none'],
    none: []
  }),
  coin: ladder<Model['coin']>('common', 'local', 'none')
}

/** What the model lacks, as `timing: bounded, and fail-silent has timing: asynchronous`; undefined if nothing. */
export function lacking(model: Model, needs: Needs): string | undefined {
  const lacked = (Object.keys(orders) as (keyof Needs)[]).filter((field) => {
    const order = orders[field] as Order<unknown>
    return needs[field] !== undefined && !order(model[field], needs[field])
  })
  if (lacked.length === 0) return undefined
  const list = (of: Needs) => lacked.map((field) => `${field}: ${of[field]}`).join(', ')
  return `${list(needs)}; ${model.name} has ${list(model)}`
}

/** @throws ModelError in a sentence that names who needs what, and the model that lacks it */
export function requireModel(who: string, needs: Needs, model: Model): void {
  const lacked = lacking(model, needs)
  if (lacked !== undefined) throw new ModelError(`${who} needs ${lacked}`)
}
