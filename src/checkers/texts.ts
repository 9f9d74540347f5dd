/**
 * What a search knows of texts that grow by appends, and of states that matter no more. Both keep it from trying
 * orders that nobody can tell from one another, or that cannot end well.
 */
import { OTHER, type State, type States, type Step } from './models.ts'

interface Event {
  readonly step: number
  readonly returns: boolean
}

/** Until when each state can be told from others. */
export class Asked {
  readonly #states: States
  readonly #appends: boolean
  /** The event after which nobody asks about a state any more. */
  readonly #until = new Map<State, number>()
  /** For appends: texts that are asked about, in order, and until when. */
  readonly #texts: { readonly text: string; readonly until: number }[] = []
  readonly #prefixes = new Map<State, number>()

  constructor(steps: readonly Step[], events: readonly Event[], states: States, appends: boolean) {
    this.#states = states
    this.#appends = appends
    const ask = (step: Step, until: number) => {
      for (const state of [...(step.accepts ?? []), ...(step.rejects ?? [])])
        this.#until.set(state, Math.max(until, this.#until.get(state) ?? -1))
    }
    for (const step of steps) if (step.returned === undefined) ask(step, Number.POSITIVE_INFINITY)
    events.forEach(({ step, returns }, event) => {
      if (returns) ask(steps[step]!, event)
    })
    if (!appends) return
    for (const [state, until] of this.#until) this.#texts.push({ text: states.text(state), until })
    this.#texts.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
  }

  /** The state, or {@link OTHER} if after an event nobody can tell it, or what becomes of it, from others. */
  simplify(state: State, event: number): State {
    const until = this.#appends ? this.#asPrefix(state, event) : (this.#until.get(state) ?? -1)
    return until >= event ? state : OTHER
  }

  /** Until when a text is asked about that begins with this one: at least `event`, or exactly. */
  #asPrefix(state: State, event: number): number {
    if (state === OTHER) return -1
    const known = this.#prefixes.get(state)
    if (known !== undefined) return known
    const prefix = this.#states.text(state)
    const begins = (text: string) => text.slice(0, prefix.length)
    // In order, the texts that begin with this one follow one another, mostly those last that are asked about last.
    const from = this.#countWhile((text) => begins(text) < prefix)
    let until = -1
    for (let i = this.#countWhile((text) => begins(text) <= prefix) - 1; i >= from; i--) {
      until = Math.max(until, this.#texts[i]!.until)
      if (until >= event) return until
    }
    this.#prefixes.set(state, until)
    return until
  }

  #countWhile(holds: (text: string) => boolean): number {
    let [from, to] = [0, this.#texts.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (holds(this.#texts[middle]!.text)) from = middle + 1
      else to = middle
    }
    return from
  }
}

/**
 * Whether an observation can still come true: its text is the present one, or one that something at hand begins anew,
 * continued by appends that are at hand. It errs towards yes: appends count as often as one likes.
 */
export function canComeTrue(
  { accepts }: Step,
  present: State,
  states: States,
  atHand: readonly Step[]
): boolean {
  if (accepts === undefined) return true
  const bases = new Set(atHand.flatMap(({ writes }) => (writes === undefined ? [] : [states.text(writes)])))
  if (present !== OTHER) bases.add(states.text(present))
  const pieces = new Set(atHand.flatMap(({ appends }) => appends ?? []))
  return accepts.some((state) => {
    const wanted = states.text(state)
    return composableLengths(wanted, bases, pieces).has(wanted.length)
  })
}

/** How long the beginnings of a text are that consist of a base and of pieces, each as often as one likes. */
export function composableLengths(
  whole: string,
  bases: ReadonlySet<string>,
  pieces: ReadonlySet<string>
): Set<number> {
  const lengths = new Set<number>()
  for (const base of bases) if (whole.startsWith(base)) lengths.add(base.length)
  const pieceLengths = new Set([...pieces].map((piece) => piece.length))
  // A set gives what is added while it is read, too.
  for (const length of lengths) {
    for (const more of pieceLengths) {
      const fits = more > 0 && length + more <= whole.length
      if (fits && pieces.has(whole.slice(length, length + more))) lengths.add(length + more)
    }
  }
  return lengths
}
