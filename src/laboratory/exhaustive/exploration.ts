/**
 * Bounded exhaustive exploration of a small case: every interleaving of a few requests, or of one instance of a liar's
 * within its menu, with a real stack at every correct process; breadth first. docs/exhaustive.md says what that covers.
 *
 * Where nobody but the liar begins anything, two reductions leave out states without leaving out an answer:
 *
 * - Exchange. If no protocol of the kind tells two values apart but by whether they are equal, then, since the liar's
 *   menu offers both alike, exchanging them throughout turns each execution into another one, and violations into
 *   violations. Of two states that are each other's exchange one is explored. (Ranks are no such symmetry: who needs a
 *   payload asks the lowest rank first.)
 * - Persistent sets (Godefroid 1996). If every other correct process has a message on its way to p, only p's steps are
 *   explored. Whatever the others do before p moves changes only their own configurations and lengthens links, so it
 *   neither disables a step of p, nor enables another one, nor matters to where that step leads: p's first step may as
 *   well be taken at once. On the way to a quiescent state p does take one, for these messages must be received. So
 *   every quiescent state is found; and every violation is seen in one, since deliveries, accusations and crashes stay.
 */
import type { Violation } from '../../checkers/violation.ts'
import type { ProcessId } from '../../core/group.ts'
import { abstractionOf, propertyOf } from '../abstractions/index.ts'
import type { Verdict } from '../campaign.ts'
import { type PathStep, type Step, shortenPath, tellPath } from './path.ts'
import { StateSet } from './states.ts'
import { ExploredSystem, type SystemInit } from './system.ts'

/** More states than this do not fit into two gigabytes. */
const EXPLORED_STATES_MAX = 50_000_000

/** Second ways that are checked in a slice; each costs some replays. */
const CHECKED_IN_A_SLICE = 50

export interface ExplorationInit extends SystemInit {
  /** Off only to compare with. */
  readonly exchange?: boolean
  /** Off only to compare with. */
  readonly persistentSets?: boolean
  readonly statesMax?: number
}

export interface ExploredViolation extends Pick<Violation, 'property' | 'detail'> {
  /** A way there, none of whose steps can be left out. */
  readonly path: readonly PathStep[]
}

export interface ExplorationResult {
  readonly protocol: string
  readonly members: number
  readonly faults: number
  readonly byzantine: number
  readonly clients: number
  readonly exhaustive: true
  /** The types of messages that the liar may send to each process, once each, with one of two values. */
  readonly menu: readonly string[]
  /** What each process asks for, in this order; nothing where the liar has a menu. */
  readonly asks: readonly AskedFor[]
  /** How many times the timers of each process may go off, and how many members may stop. */
  readonly timerFirings: number
  readonly stops: number
  /** What every state was judged by. */
  readonly properties: readonly string[]
  /** Distinct states that were reached; of two that are each other's exchange, one is counted. */
  readonly states: number
  /** The same without the exchange. */
  readonly statesWithExchanged: number
  readonly transitions: number
  /** Quiescent states, counted as `states` are. */
  readonly terminals: number
  readonly verdict: Verdict
  /** Why it is inconclusive. */
  readonly reason?: string
  readonly violations: readonly ExploredViolation[]
}

/** By whom, by name, as a schedule has it. */
export interface AskedFor {
  readonly process: ProcessId
  readonly request: string
}

export class Exploration {
  readonly #init: ExplorationInit
  readonly #system: ExploredSystem
  readonly #states: StateSet
  readonly #all: readonly number[]
  readonly #exchange: boolean
  readonly #persistentSets: boolean
  readonly #statesMax: number
  /** The next state to expand. */
  #next = 0
  #statesWithExchanged = 0
  #transitions = 0
  #terminals = 0
  #checked = false
  #violations: readonly ExploredViolation[] = []
  // Vectors that are used again and again.
  readonly #state: Int32Array
  readonly #successor: Int32Array
  readonly #mirror: Int32Array

  constructor(init: ExplorationInit) {
    this.#init = init
    this.#statesMax = init.statesMax ?? EXPLORED_STATES_MAX
    this.#system = new ExploredSystem(init)
    const { independent, menu, width } = this.#system
    const isAlike = menu.length > 0 && abstractionOf(init.stack).valuesAlike === true
    this.#exchange = isAlike && (init.exchange ?? true)
    this.#persistentSets = independent && (init.persistentSets ?? true)
    const start = this.#system.start()
    this.#all = Array.from({ length: width }, (_, place) => place)
    this.#states = new StateSet(start.length)
    this.#state = new Int32Array(start.length)
    this.#successor = start.slice()
    this.#mirror = new Int32Array(start.length)
    this.#add(-1)
  }

  get states(): number {
    return this.#states.size
  }

  /** Explores up to `count` states more. @returns whether the exploration is over */
  advance(count: number): boolean {
    for (let left = count; left > 0; left--) {
      if (this.#violations.length > 0 || this.#full) return true
      if (this.#next === this.#states.size) {
        this.#checked = this.#system.graph.checkMerged(CHECKED_IN_A_SLICE)
        return this.#checked
      }
      this.#expand(this.#next++)
    }
    return false
  }

  /** What is known so far. */
  result(): ExplorationResult {
    const { stack, members, faults } = this.#init
    const { menu, asking, hasLiar, processes, exercised, timerFirings, stops } = this.#system
    const violated = this.#violations.length > 0
    const isOver = this.#checked && exercised
    const reason = this.#full
      ? `it has more than ${this.#statesMax} states`
      : this.#checked
        ? 'nothing was told or answered in any of its states'
        : 'it was interrupted before every state was explored'
    return {
      protocol: stack.name,
      members,
      faults,
      byzantine: hasLiar ? 1 : 0,
      clients: processes.filter((process) => process >= members).length,
      exhaustive: true,
      menu,
      asks: asking.flatMap((asked, process) =>
        asked.map(({ request: { name, arguments: given } }) => ({ process, request: told(name, given) }))
      ),
      timerFirings,
      stops,
      properties: [...stack.properties.filter((property) => this.#isJudged(property)), 'no crash'],
      states: this.#states.size,
      statesWithExchanged: this.#statesWithExchanged,
      transitions: this.#transitions,
      terminals: this.#terminals,
      verdict: violated ? 'violated' : isOver ? 'ok' : 'inconclusive',
      ...(violated || isOver ? {} : { reason }),
      violations: this.#violations
    }
  }

  /** Not what speaks of what correct processes ask for, where none asks for anything. */
  #isJudged(property: string): boolean {
    return this.#system.menu.length === 0 || propertyOf(this.#init.stack, property)?.ofAsked !== true
  }

  get #full(): boolean {
    return this.#states.size > this.#statesMax
  }

  #expand(index: number): void {
    this.#states.read(index, this.#state)
    for (const process of this.#persistent()) {
      for (const input of this.#system.inputs(this.#state, process)) {
        this.#transitions++
        this.#successor.set(this.#state)
        this.#system.take(this.#successor, process, input)
        this.#add(index)
      }
    }
  }

  /** The processes whose steps are explored. */
  #persistent(): readonly number[] {
    if (!this.#persistentSets || this.#all.length === 1) return this.#all
    const reached = (to: number, from: number) =>
      from === to || this.#system.head(this.#state, from, to) !== undefined
    const process = this.#all.find((to) => this.#all.every((from) => reached(to, from)))
    return process === undefined ? this.#all : [process]
  }

  /** Adds the successor, or its exchange. */
  #add(parent: number): void {
    const weight = this.#exchange ? this.#canonicalise(this.#successor) : 1
    if (!this.#states.add(this.#successor, parent)) return
    this.#statesWithExchanged += weight
    const complete = this.#system.quiescent(this.#successor)
    if (complete) this.#terminals++
    const violations = this.#system.judge(this.#successor, complete)
    if (violations.length > 0 && this.#violations.length === 0) this.#report(violations)
  }

  /** Puts the lesser of the state and its exchange in its place. @returns how many states it stands for */
  #canonicalise(state: Int32Array): number {
    const { graph } = this.#system
    let order = 0
    for (let i = 0; i < state.length; i++) {
      const id = state[i] ?? -1
      const other = graph.exchanged(id)
      this.#mirror[i] = other
      if (order === 0) order = other - id
    }
    if (order < 0) state.set(this.#mirror)
    return order === 0 ? 1 : 2
  }

  #report(violations: readonly Violation[]): void {
    const way = this.#wayTo(this.#states.size - 1)
    // Another way may have led to another combination of what is wrong: each property is told once.
    const first = new Map(violations.map((violation) => [violation.property, violation]))
    this.#violations = [...first.keys()].map((property) => {
      const { steps, detail } = shortenPath(this.#system, way, property)
      return { property, detail, path: tellPath(this.#system, steps) }
    })
  }

  /** Steps from the start to the state or its exchange: states are stored up to exchange, steps are real. */
  #wayTo(index: number): Step[] {
    const indices: number[] = []
    for (let at = index; at > 0; at = this.#states.parent(at)) indices.push(at)
    let state = this.#system.start()
    return indices.reverse().map((next) => {
      const [step, successor] = this.#stepTo(state, next)
      state = successor
      return step
    })
  }

  #stepTo(state: Int32Array, index: number): [step: Step, successor: Int32Array] {
    for (const process of this.#all) {
      for (const input of this.#system.inputs(state, process)) {
        const successor = state.slice()
        this.#system.take(successor, process, input)
        const canonical = successor.slice()
        if (this.#exchange) this.#canonicalise(canonical)
        if (this.#states.indexOf(canonical) === index) return [{ process, input }, successor]
      }
    }
    throw new Error('a state has a step from its parent')
  }
}

const told = (name: string, given: { readonly [argument: string]: number }): string =>
  [name, ...Object.entries(given).map(([argument, value]) => `${argument} ${value}`)]
    .join(', ')
    .replace(',', '')
