/**
 * What of a history can matter to some of its steps: the optional steps that may have made them possible, and the
 * states in which the object may have been when the first of them began.
 */
import { changesState, OTHER, type State, type States, type Step } from './models.ts'
import { composableLengths } from './texts.ts'

/**
 * Without the optional steps whose effect nothing sees. Take such a step out of a linearization, and it remains one:
 * until the next write nothing tells the state that it left from that before.
 *
 * A step sees a state if it accepts it; if it rejects some states, it sees every other; and through appends it sees
 * every text that is part of what it accepts. What only another optional step sees counts if that one is seen.
 */
export function relevantSteps(steps: readonly Step[], states: States): Step[] {
  const kept = new Set(steps.filter(({ returned }) => returned !== undefined))
  const appends = steps.some((step) => step.appends !== undefined)
  const rejects = [...kept].flatMap((step) => (step.rejects === undefined ? [] : [step.rejects]))
  const seen = new Set<State>()
  const texts: string[] = []
  const see = ({ accepts = [] }: Step) => {
    for (const state of accepts) {
      if (!seen.has(state)) texts.push(states.text(state))
      seen.add(state)
    }
  }
  const isSeen = ({ writes, appends: text = '' }: Step): boolean => {
    if (rejects.some((refused) => appends || writes === undefined || !refused.includes(writes))) return true
    if (!appends) return writes !== undefined && seen.has(writes)
    if (writes === undefined) return texts.some((whole) => whole.includes(text))
    return texts.some((whole) => whole.startsWith(states.text(writes))) || seen.has(writes)
  }
  for (const step of kept) see(step)
  let rest = steps.filter((step) => !kept.has(step) && changesState(step))
  for (let before = -1; before !== kept.size; ) {
    before = kept.size
    rest = rest.filter((step) => {
      if (!isSeen(step)) return true
      kept.add(step)
      see(step)
      return false
    })
  }
  return steps.filter((step) => kept.has(step))
}

/**
 * The states that `earlier` steps may have left, in whatever order and number they took place: of those that `steps`
 * ask about, each; of all others together, {@link OTHER}.
 */
export function possibleStates(
  initial: State,
  earlier: readonly Step[],
  steps: readonly Step[],
  states: States
): State[] {
  const asked = new Set(steps.flatMap(({ accepts = [], rejects = [] }) => [...accepts, ...rejects]))
  const written = new Set([initial, ...earlier.flatMap(({ writes }) => writes ?? [])])
  const pieces = new Set(earlier.flatMap(({ appends }) => appends ?? []))
  const carriedOn = steps.some(({ appends }) => appends !== undefined)
  if (pieces.size === 0 && !carriedOn) {
    const possible = [...written].filter((state) => asked.has(state))
    return possible.length === written.size ? possible : [...possible, OTHER]
  }
  // A text can be what is asked about, or become it by further appends.
  const bases = new Set([...written].map((state) => states.text(state)))
  const possible = new Set<State>([...written, OTHER])
  for (const state of asked) {
    const whole = states.text(state)
    for (const length of composableLengths(whole, bases, pieces))
      if (carriedOn || length === whole.length) possible.add(states.of(whole.slice(0, length)))
  }
  return [...possible]
}
