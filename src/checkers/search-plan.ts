/** What a search for a linearization looks up again and again, worked out once: events, slots, who is open where. */
import { changesState, type State, type States, type Step } from './models.ts'
import { Asked } from './texts.ts'

export interface Event {
  readonly index: number
  readonly step: number
  readonly returns: boolean
}

/** The return of a step. Who is open there is the same for all configurations. */
export interface Stop {
  /** Index of the event. */
  readonly event: number
  readonly step: number
  /** Open steps that change the state and must be taken, in order of their returns. */
  readonly changes: readonly number[]
  /** Open steps that only observe. */
  readonly observations: readonly number[]
  /** So many of the optional steps were invoked. */
  readonly optionalCount: number
}

export interface Plan {
  readonly steps: readonly Step[]
  readonly events: readonly Event[]
  /** By index of the event; undefined for invocations. */
  readonly stops: readonly (Stop | undefined)[]
  /** The bit of each step: reused after its return if it must be taken, its own if it is optional. */
  readonly slots: readonly number[]
  readonly words: number
  readonly optionalWords: number
  /** Optional steps, in order of invocation. */
  readonly optional: readonly number[]
  /** By step: whether it only observes. */
  readonly observes: readonly boolean[]
  /** By step: equal for steps that do the same. */
  readonly effects: readonly number[]
  /** By step: a write whose value nothing sees. */
  readonly unseen: readonly boolean[]
  readonly hasAppends: boolean
  /** The event of the last invocation that needs a state, and of the last that leaves it. */
  readonly lastSeen: ReadonlyMap<State, number>
  readonly lastWritten: ReadonlyMap<State, number>
  readonly asked: Asked
  /** For appends. By observation: the changes that are invoked while it is open, with the event. */
  readonly during: ReadonlyMap<number, readonly Event[]>
  /** For appends. By event: the last observation of a text to return before anything but appends is invoked. */
  readonly horizon: readonly (number | undefined)[]
}

export function planSearch(given: readonly Step[], states: States): Plan {
  const steps = given.filter((step) => step.returned !== undefined || changesState(step))
  const events = eventsOf(steps)
  const observes = steps.map((step) => !changesState(step))
  const hasAppends = steps.some(({ appends }) => appends !== undefined)
  return {
    steps,
    events,
    observes,
    hasAppends,
    effects: effectsOf(steps),
    unseen: unseenOf(steps, hasAppends),
    ...openSteps(steps, events, observes),
    ...lastUses(steps, events),
    asked: new Asked(steps, events, states, hasAppends),
    during: hasAppends ? invokedDuring(events, observes) : new Map(),
    horizon: hasAppends ? horizons(steps, events, observes) : []
  }
}

/** In real-time order. At one moment invocations come first: what touches is concurrent. */
function eventsOf(steps: readonly Step[]): Event[] {
  const events = steps.flatMap(({ invoked, returned }, step) => {
    const invoke = { at: invoked, step, returns: false }
    return returned === undefined ? [invoke] : [invoke, { at: returned, step, returns: true }]
  })
  events.sort((a, b) => a.at - b.at || Number(a.returns) - Number(b.returns) || a.step - b.step)
  return events.map(({ step, returns }, index) => ({ index, step, returns }))
}

function openSteps(
  steps: readonly Step[],
  events: readonly Event[],
  observes: readonly boolean[]
): Pick<Plan, 'stops' | 'slots' | 'optional' | 'words' | 'optionalWords'> {
  const slots: number[] = []
  const free: number[] = []
  const optional: number[] = []
  const changes: number[] = []
  const observations: number[] = []
  let slotCount = 0
  const stops = events.map(({ step, returns }, event): Stop | undefined => {
    const { returned } = steps[step]!
    const open = observes[step] ? observations : changes
    if (returned === undefined) {
      slots[step] = optional.push(step) - 1
      return undefined
    }
    if (!returns) {
      slots[step] = free.pop() ?? slotCount++
      const later = open.findIndex((other) => steps[other]!.returned! > returned)
      open.splice(later < 0 ? open.length : later, 0, step)
      return undefined
    }
    const stop = {
      event,
      step,
      changes: [...changes],
      observations: [...observations],
      optionalCount: optional.length
    }
    open.splice(open.indexOf(step), 1)
    free.push(slots[step]!)
    return stop
  })
  const wordsFor = (bits: number) => Math.ceil(bits / 32)
  return { stops, slots, optional, words: wordsFor(slotCount), optionalWords: wordsFor(optional.length) }
}

function effectsOf(steps: readonly Step[]): number[] {
  const known = new Map<string, number>()
  return steps.map(({ accepts, writes, appends }) => {
    const name = `${accepts?.join()} ${writes} ${appends}`
    const effect = known.get(name) ?? known.size
    known.set(name, effect)
    return effect
  })
}

/** Appends carry what they find on, so that everything is seen through them. */
function unseenOf(steps: readonly Step[], hasAppends: boolean): boolean[] {
  const seen = new Set(steps.flatMap(({ accepts }) => accepts ?? []))
  const refused = steps.flatMap(({ rejects }) => (rejects === undefined ? [] : [rejects]))
  return steps.map(({ returned, accepts, writes }) => {
    if (hasAppends || returned === undefined || accepts !== undefined || writes === undefined) return false
    return !seen.has(writes) && refused.every((states) => states.includes(writes))
  })
}

function lastUses(steps: readonly Step[], events: readonly Event[]): Pick<Plan, 'lastSeen' | 'lastWritten'> {
  const lastSeen = new Map<State, number>()
  const lastWritten = new Map<State, number>()
  events.forEach(({ step, returns }, event) => {
    if (returns) return
    const { returned, accepts, writes } = steps[step]!
    if (writes !== undefined) lastWritten.set(writes, event)
    if (returned !== undefined && accepts?.length === 1) lastSeen.set(accepts[0]!, event)
  })
  return { lastSeen, lastWritten }
}

function invokedDuring(events: readonly Event[], observes: readonly boolean[]): Map<number, Event[]> {
  const during = new Map<number, Event[]>()
  const open = new Set<number>()
  for (const event of events) {
    const { step, returns } = event
    if (returns) open.delete(step)
    else if (!observes[step]) for (const other of open) during.get(other)?.push(event)
    else {
      open.add(step)
      during.set(step, [])
    }
  }
  return during
}

function horizons(
  steps: readonly Step[],
  events: readonly Event[],
  observes: readonly boolean[]
): (number | undefined)[] {
  const horizon: (number | undefined)[] = []
  let furthest: number | undefined
  for (let event = events.length - 1; event >= 0; event--) {
    const { step, returns } = events[event]!
    if (!returns && steps[step]!.writes !== undefined) furthest = undefined
    if (returns && observes[step] && steps[step]!.accepts?.length === 1) furthest ??= step
    horizon[event] = furthest
  }
  return horizon
}
