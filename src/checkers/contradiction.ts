/**
 * The smallest set of operations that contradict each other.
 *
 * Taking operations out of a history that is not linearizable can make up a contradiction that was not there: a read
 * of a value whose write was taken out. So none is taken out. Those outside the set are weakened, each in a way that
 * leaves every linearization of the whole history one of the weaker:
 *
 * - An observation outside is dropped.
 * - A change outside may take effect at any moment after its invocation, or never.
 * - A change outside that returned before the first of the set was invoked is over. For all of these together, the
 *   object begins in any state that one of them may have left.
 *
 * If no linearization is left even so, the set contradicts itself, whatever else happened. Members are spared until
 * there is none left that can be: where a set ends and begins changes what counts as over, so one pass is not enough.
 */

import { findDeadEnd } from './linearization.ts'
import { changesState, type State, type States, type Step } from './models.ts'
import { describeOperation, type Operation, UndecidedError } from './operations.ts'
import { possibleStates, relevantSteps } from './relevance.ts'

/**
 * Bounds on each search while the set is made smaller, and on all of them, and how often as much as the search for
 * the verdict took they may be if that is more. What would take longer stays in the set.
 */
const ONE_EFFORT_MAX = 30_000
const ONE_EFFORT_TIMES = 1.5
const WHOLE_EFFORT_MAX = 400_000
const WHOLE_EFFORT_TIMES = 2
/** Choosing the members of a set costs as much as so many steps of a search. */
const STEPS_PER_EFFORT = 16
/** Up to so many members, the set is made smaller from both ends, and the smaller outcome taken. */
const TWO_WAYS_MEMBERS_MAX = 64

export class Contradictions {
  readonly #steps: readonly Step[]
  readonly #initial: State
  readonly #states: States
  readonly #oneMax: number
  #left: number

  /**
   * @param steps - all of one object, in order of invocation
   * @param spent - what it took to find that they are not linearizable
   */
  constructor(steps: readonly Step[], initial: State, states: States, spent = 0) {
    this.#oneMax = Math.max(ONE_EFFORT_MAX, spent * ONE_EFFORT_TIMES)
    this.#left = Math.max(WHOLE_EFFORT_MAX, spent * WHOLE_EFFORT_TIMES)
    this.#steps = steps
    this.#initial = initial
    this.#states = states
  }

  /** Whether the members contradict each other. False also where that is too hard to tell. */
  contradicts(members: ReadonlySet<Step>): boolean {
    if (this.#left <= 0) return false
    let first = Number.POSITIVE_INFINITY
    let last = Number.NEGATIVE_INFINITY
    for (const { invoked, returned } of members) {
      if (invoked < first) first = invoked
      if (returned !== undefined && returned > last) last = returned
    }
    const earlier: Step[] = []
    const window: Step[] = []
    for (const step of this.#steps) {
      if (members.has(step)) window.push(step)
      else if (!changesState(step) || step.invoked > last) continue
      else if (step.returned !== undefined && step.returned < first) earlier.push(step)
      else window.push({ ...step, returned: undefined })
    }
    const steps = relevantSteps(window, this.#states)
    const begun = window.filter(({ invoked }) => invoked < first)
    const initial =
      earlier.length === 0
        ? [this.#initial]
        : possibleStates(this.#initial, [...earlier, ...begun], steps, this.#states)
    const most = Math.min(this.#oneMax, this.#left)
    const effort = { left: most }
    try {
      return findDeadEnd(steps, initial, this.#states, effort) !== undefined
    } catch (error) {
      if (error instanceof UndecidedError) return false
      throw error
    } finally {
      this.#left -= most - effort.left + this.#steps.length / STEPS_PER_EFFORT
    }
  }

  /**
   * Of steps that contradict each other, members of which none can be spared.
   *
   * @param near - places in the history that are near the reason
   */
  smallest(near: readonly number[]): Step[] {
    let window = this.#window(near)
    window = this.#beginning(window)
    if (window.length > TWO_WAYS_MEMBERS_MAX) return this.#spare(window)
    const [a, b] = [this.#spare(window), this.#spare([...window].reverse())]
    return a.length <= b.length ? a : b
  }

  /** Twice as far to both sides each time, until it is the whole, which is known to contradict itself. */
  #window(near: readonly number[]): readonly Step[] {
    const whole = this.#steps
    for (let reach = 2; reach < whole.length; reach *= 2) {
      for (const place of near) {
        const after = whole.findIndex(({ invoked }) => invoked > place)
        const center = after < 0 ? whole.length : after
        const window = whole.slice(Math.max(0, center - reach), center + reach)
        if (this.contradicts(new Set(window))) return window
      }
    }
    return whole
  }

  /** The shortest beginning of a contradiction that is one: what comes later is not to blame. */
  #beginning(members: readonly Step[]): readonly Step[] {
    const ends = members.flatMap(({ returned }) => returned ?? []).sort((a, b) => a - b)
    const until = (end: number) => members.filter(({ invoked, returned }) => (returned ?? invoked) <= end)
    let [from, to] = [0, ends.length - 1]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.contradicts(new Set(until(ends[middle]!)))) to = middle
      else from = middle + 1
    }
    return until(ends[from]!)
  }

  /** Takes members out, in their order: many at a time first, then one by one until no one can be spared. */
  #spare(members: readonly Step[]): Step[] {
    let kept = [...members]
    for (let chunk = highestPowerOfTwo(members.length); chunk >= 1; ) {
      const before = kept.length
      for (let from = 0; from < kept.length; ) {
        const fewer = kept.toSpliced(from, chunk)
        if (fewer.length > 0 && this.contradicts(new Set(fewer))) kept = fewer
        else from += chunk
      }
      if (chunk > 1 || kept.length === before) chunk /= 2
    }
    return kept.sort((a, b) => a.invoked - b.invoked)
  }

  /** Changes outside the set that may have written what its members saw: the last before each. */
  sources(members: readonly Step[]): Step[] {
    const sources = new Set<Step>()
    for (const { accepts, returned, invoked } of members) {
      if (accepts === undefined) continue
      const source = this.#steps.findLast(
        (step) => step.invoked <= (returned ?? invoked) && changesState(step) && this.#leaves(step, accepts)
      )
      if (source !== undefined) sources.add(source)
    }
    for (const member of members) sources.delete(member)
    return [...sources].sort((a, b) => a.invoked - b.invoked)
  }

  #leaves({ writes, appends }: Step, accepts: readonly State[]): boolean {
    if (writes !== undefined) return accepts.includes(writes)
    return accepts.some((state) => appends !== undefined && this.#states.text(state).endsWith(appends))
  }
}

function highestPowerOfTwo(most: number): number {
  let power = 1
  while (power * 2 <= most) power *= 2
  return power
}

const OPERATIONS_TOLD_MAX = 4

/** Why an object whose operations ought to have an order has none, in one line. */
export function explain(operations: readonly Operation[]): string {
  const [first] = operations
  const told = operations.slice(0, OPERATIONS_TOLD_MAX).map(describeOperation)
  const more = operations.length - told.length
  if (first !== undefined && operations.length === 1)
    return `${told[0]}: nothing that had begun by then explains this answer`
  return `${told.join(', ')}${more > 0 ? ` and ${more} more` : ''}: no order explains all of them, whatever else happened`
}
