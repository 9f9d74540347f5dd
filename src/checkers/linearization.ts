/**
 * Whether the steps of one object have a linearization: an order that respects real time and in which each of them
 * is possible. Wing and Gong's search (Testing and Verifying Concurrent Objects, 1993) with Lowe's refinements
 * (Testing for Linearizability, 2017): configurations are remembered, and a step is taken only when another cannot
 * wait for it any longer (just in time). It keeps its own stack, so that no history is too long for it.
 *
 * A configuration is a place in the history at which some step returns that was not taken yet, the state, and which
 * of the open steps were taken. Deciding linearizability is NP-complete; these reductions make it fast for the
 * histories that there are. None of them changes the answer:
 *
 * - An open observation that holds is taken at once. It changes nothing, so wherever else a linearization has it, it
 *   can be here.
 * - Of open steps with the same effect, that which returns first is taken first: a linearization in which they come
 *   in the other order remains one when the two are exchanged.
 * - A configuration that has used more of the optional steps than another, all else being equal, is not looked at:
 *   whatever is possible from it is possible from the other.
 * - An optional step is taken only if something sees its effect before it is overwritten; otherwise the
 *   linearization is one without it, too.
 * - A write whose value nothing ever sees is taken just before any other write that overwrites it.
 * - A state is not left while somebody must still see it and nobody is left to bring it back.
 * - States that nobody can tell from one another any more are one.
 * - Where only appends lie between here and a later observation, the text must be a prefix of what was seen there.
 */

import { IMPOSSIBLE, isPossible, OTHER, type State, type States, type Step, stateAfter } from './models.ts'
import { UndecidedError } from './operations.ts'
import { type Plan, planSearch, type Stop } from './search-plan.ts'
import { canComeTrue } from './texts.ts'

/** The bound on a search, in configurations: under two minutes, and a gigabyte. */
export const SEARCH_EFFORT_MAX = 2_000_000

/** What may still be spent, by one search or several. */
export interface Effort {
  left: number
}

/** Sets of small integers, 32 to a word. */
type Bits = readonly number[]

interface Configuration {
  readonly stop: Stop
  readonly state: State
  /** Slots of the steps taken among those that are open and must be taken. */
  readonly taken: Bits
  /** Which of the optional steps were taken. */
  readonly used: Bits
}

const has = (bits: Bits, at: number): boolean => ((bits[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0
const add = (bits: number[], at: number): void => {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31))
}
const remove = (bits: number[], at: number): void => {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) & ~(1 << (at & 31))
}
const contains = (whole: Bits, part: Bits): boolean =>
  part.every((word, i) => (word & ~(whole[i] ?? 0)) === 0)

/**
 * @param steps - of one object, in any order
 * @param initial - the states in which it may have begun
 * @returns undefined if they are linearizable; if not, places near the reason: where the step returned that no order
 *   came past, and where another is that could not be possible any more, if that is why
 * @throws {UndecidedError} when nothing is left of the effort
 */
export function findDeadEnd(
  steps: readonly Step[],
  initial: readonly State[],
  states: States,
  effort: Effort
): readonly number[] | undefined {
  return new Search(planSearch(steps, states), states, effort).run(initial)
}

class Search {
  readonly #plan: Plan
  readonly #states: States
  readonly #effort: Effort
  /** What was looked at: of each place, state and taken steps, the least sets of optional steps that were used. */
  readonly #seen = new Map<string, Bits[]>()
  /** The last event that was reached, and a later step that made it the last. */
  #furthest = 0
  #wanted: Step | undefined

  constructor(plan: Plan, states: States, effort: Effort) {
    this.#plan = plan
    this.#states = states
    this.#effort = effort
  }

  run(initial: readonly State[]): readonly number[] | undefined {
    const stack: Configuration[] = []
    const none = () => Array.from({ length: this.#plan.words }, () => 0)
    const unused = Array.from({ length: this.#plan.optionalWords }, () => 0)
    for (const state of initial) {
      const first = this.#advance(0, state, none(), unused)
      if (first === undefined) return undefined
      stack.push(first)
    }
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (!this.#isNew(at)) continue
      if (--this.#effort.left < 0)
        throw new UndecidedError('too many orders are possible to look at all of them')
      if (at.stop.event > this.#furthest) {
        this.#furthest = at.stop.event
        this.#wanted = undefined
      }
      const successors = this.#successors(at)
      if (successors === undefined) return undefined
      // What looks best is tried first, so it goes on the stack last.
      for (let i = successors.length - 1; i >= 0; i--) stack.push(successors[i]!)
    }
    const { steps, events } = this.#plan
    const end = steps[events[this.#furthest]!.step]!
    return [end, this.#wanted ?? end].map(({ returned, invoked }) => returned ?? invoked)
  }

  #isNew({ stop, state, taken, used }: Configuration): boolean {
    const name = `${stop.event} ${state} ${taken.join()}`
    const seen = this.#seen.get(name)
    if (seen === undefined) {
      this.#seen.set(name, [used])
      return true
    }
    if (seen.some((less) => contains(used, less))) return false
    seen.push(used)
    return true
  }

  /** Undefined if one of them reaches the end. */
  #successors(from: Configuration): Configuration[] | undefined {
    const best: Configuration[] = []
    const rest: Configuration[] = []
    for (const { step, optional } of this.#candidates(from)) {
      const exact = stateAfter(this.#plan.steps[step]!, from.state, this.#states)
      if (exact === IMPOSSIBLE) continue
      const state = this.#plan.asked.simplify(exact, from.stop.event)
      if (optional && !this.#isSeen(from, step, state)) continue
      if (this.#isDead(from, step, state)) continue
      const taken = [...from.taken]
      const used = optional ? [...from.used] : from.used
      if (optional) add(used as number[], this.#plan.slots[step]!)
      else add(taken, this.#plan.slots[step]!)
      this.#takeOverwritten(from, step, taken)
      this.#observe(from.stop, state, taken)
      if (this.#plan.hasAppends && this.#isHopeless(from.stop, state, taken, used)) continue
      if (!has(taken, this.#plan.slots[from.stop.step]!)) {
        rest.push({ stop: from.stop, state, taken, used })
        continue
      }
      const next = this.#advance(from.stop.event, state, taken, used)
      if (next === undefined) return undefined
      if (optional) rest.unshift(next)
      else best.push(next)
    }
    return best.concat(rest)
  }

  /** Steps that may come next, those that must be taken first; one of each effect. */
  *#candidates({ stop, taken, used }: Configuration): Generator<{ step: number; optional: boolean }> {
    const { slots, effects, optional } = this.#plan
    const tried: number[] = []
    for (const step of stop.changes) {
      if (has(taken, slots[step]!) || tried.includes(effects[step]!)) continue
      tried.push(effects[step]!)
      yield { step, optional: false }
    }
    for (let i = 0; i < stop.optionalCount; i++) {
      const step = optional[i]!
      if (has(used, i) || tried.includes(effects[step]!)) continue
      tried.push(effects[step]!)
      yield { step, optional: true }
    }
  }

  /** Whether anything that is open can follow an optional step and tell that it was taken. */
  #isSeen({ stop, state, taken, used }: Configuration, optional: number, after: State): boolean {
    if (after === state) return false
    const { steps, slots, optional: all } = this.#plan
    const sees = (step: Step) => step.appends !== undefined || (step.accepts?.includes(after) ?? false)
    for (const other of stop.observations)
      if (!has(taken, slots[other]!) && isPossible(steps[other]!, after)) return true
    for (const other of stop.changes) if (!has(taken, slots[other]!) && sees(steps[other]!)) return true
    for (let i = 0; i < stop.optionalCount; i++)
      if (all[i] !== optional && !has(used, i) && sees(steps[all[i]!]!)) return true
    return false
  }

  /** Whether taking a step leaves a state to which nothing leads back, although somebody must still see it. */
  #isDead({ stop, state, taken, used }: Configuration, step: number, after: State): boolean {
    const { steps, slots, horizon, lastSeen, lastWritten, hasAppends, optional, events } = this.#plan
    const open = (other: number) => other !== step && !has(taken, slots[other]!)
    if (hasAppends) {
      const seen = horizon[stop.event]
      if (seen === undefined || after === OTHER) return false
      if (stop.observations.includes(seen) && has(taken, slots[seen]!)) return false
      for (const other of stop.changes) if (open(other) && steps[other]!.writes !== undefined) return false
      for (let i = 0; i < stop.optionalCount; i++)
        if (optional[i] !== step && !has(used, i) && steps[optional[i]!]!.writes !== undefined) return false
      if (this.#states.text(steps[seen]!.accepts![0]!).startsWith(this.#states.text(after))) return false
      if (stop.event === this.#furthest) this.#wanted = steps[seen]
      return true
    }
    if (after === state || (lastWritten.get(state) ?? -1) > stop.event) return false
    const needs = (other: number) => open(other) && isNeed(steps[other]!, state)
    const last = lastSeen.get(state) ?? -1
    if (last <= stop.event && !stop.observations.some(needs) && !stop.changes.some(needs)) return false
    for (const other of stop.changes) if (open(other) && steps[other]!.writes === state) return false
    for (let i = 0; i < stop.optionalCount; i++)
      if (optional[i] !== step && !has(used, i) && steps[optional[i]!]!.writes === state) return false
    if (stop.event === this.#furthest && last > stop.event) this.#wanted = steps[events[last]!.step]
    return true
  }

  /** Whether an open observation can come true no more. */
  #isHopeless(stop: Stop, state: State, taken: Bits, used: Bits): boolean {
    const { steps, slots, during, optional } = this.#plan
    const waiting = stop.observations.filter((step) => !has(taken, slots[step]!))
    if (waiting.length === 0) return false
    const open = stop.changes.filter((step) => !has(taken, slots[step]!))
    for (let i = 0; i < stop.optionalCount; i++) if (!has(used, i)) open.push(optional[i]!)
    return waiting.some((step) => {
      const later = (during.get(step) ?? []).filter(({ index }) => index > stop.event)
      const atHand = [...open, ...later.map((event) => event.step)].map((other) => steps[other]!)
      return !canComeTrue(steps[step]!, state, this.#states, atHand)
    })
  }

  /** Before a write that overwrites whatever there was, all writes that nobody sees. */
  #takeOverwritten({ stop }: Configuration, step: number, taken: number[]): void {
    const { steps, slots, unseen } = this.#plan
    if (steps[step]!.accepts !== undefined || steps[step]!.writes === undefined) return
    for (const other of stop.changes) if (unseen[other]) add(taken, slots[other]!)
  }

  #observe({ observations }: Stop, state: State, taken: number[]): void {
    const { steps, slots } = this.#plan
    for (const step of observations) if (isPossible(steps[step]!, state)) add(taken, slots[step]!)
  }

  /** Goes on from an event until a step returns that was not taken; undefined at the end. */
  #advance(event: number, state: State, taken: number[], used: Bits): Configuration | undefined {
    const { events, steps, slots, observes, stops, asked } = this.#plan
    for (let i = event; i < events.length; i++) {
      const { step, returns } = events[i]!
      if (returns) {
        if (!has(taken, slots[step]!))
          return { stop: stops[i]!, state: asked.simplify(state, i), taken, used }
        remove(taken, slots[step]!)
      } else if (observes[step] && isPossible(steps[step]!, state)) add(taken, slots[step]!)
    }
    return undefined
  }
}

/** Whether a step is possible in this state alone. */
const isNeed = ({ accepts }: Step, state: State): boolean => accepts?.length === 1 && accepts[0] === state
