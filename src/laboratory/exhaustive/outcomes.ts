/**
 * What the processes of an exhaustive exploration have come to, and whether the protocol's properties allow it. The
 * judge is the checker of simulated runs; there are few outcomes, so that each combination is judged once.
 */
import type { Violation } from '../../checkers/violation.ts'
import { assert } from '../../core/assert.ts'
import type { Fault } from '../../core/fault.ts'
import { nameOf, type ProcessId } from '../../core/group.ts'
import type { History, HistoryEvent } from '../../simulator/history.ts'
import { abstractionOf } from '../abstractions/index.ts'
import { checkOwn } from '../judge.ts'
import type { AddedStack } from '../run-config.ts'
import type { OrderId, Orders } from './order.ts'
import { canonicalText } from './process.ts'

export type OutcomeId = number

/** A process that comes to more different outcomes than this is not in a small case. */
const OUTCOMES_MAX = 256

/** What one process has asked for and was told, and whom it has accused, as far as a checker asks for it. */
export interface Outcome {
  readonly events: readonly HistoryEvent[]
  readonly faults: readonly Fault[]
  readonly failure: Error | undefined
}

export interface OutcomesInit {
  readonly stack: AddedStack
  readonly members: number
  readonly faults: number
  /** Those that are explored; all of them are correct. */
  readonly processes: readonly ProcessId[]
  /** Undefined: what happens first at which process is nothing that the protocol's properties speak of. */
  readonly orders: Orders | undefined
}

export class Outcomes {
  readonly #init: OutcomesInit
  readonly #outcomes: Outcome[] = []
  readonly #ids = new Map<string, OutcomeId>()
  /** By order and completeness, by outcomes. */
  readonly #judged = new Map<number, Map<number, readonly Violation[]>>()
  /** Whether some process was told something, or answered. */
  exercised = false

  constructor(init: OutcomesInit) {
    this.#init = init
  }

  /** What others are accused of is true, and no property speaks of it. */
  intern({ events, faults, failure }: Outcome): OutcomeId {
    const { processes } = this.#init
    const accused = faults.filter(({ process }) => processes.includes(process))
    const text = canonicalText({
      events,
      accused: accused.map(({ process, kind, certainty }) => [process, kind, certainty]),
      failure: failure?.message ?? null
    })
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = this.#outcomes.length
    assert(id < OUTCOMES_MAX, `a process comes to at most ${OUTCOMES_MAX} different outcomes`)
    // A copy: the process goes on.
    this.#outcomes.push({ events: [...events], faults: accused, failure })
    this.#ids.set(text, id)
    this.exercised ||= events.some(({ kind }) => kind === 'return' || kind === 'indicate')
    return id
  }

  at(id: OutcomeId): Outcome {
    const outcome = this.#outcomes[id]
    assert(outcome !== undefined, `an outcome that was reached, not ${id}`)
    return outcome
  }

  /**
   * @param outcomes - of the processes, in their order
   * @param complete - whether nothing is on its way any more, so that what is promised must have come
   */
  judge(outcomes: readonly OutcomeId[], order: OrderId, complete: boolean): readonly Violation[] {
    let key = 0
    for (const id of outcomes) key = key * OUTCOMES_MAX + id
    const within = 2 * order + (complete ? 1 : 0)
    let judged = this.#judged.get(within)
    if (judged === undefined) {
      judged = new Map()
      this.#judged.set(within, judged)
    }
    const known = judged.get(key)
    if (known !== undefined) return known
    const violations = this.#judge(outcomes, order, complete)
    judged.set(key, violations)
    return violations
  }

  #judge(outcomes: readonly OutcomeId[], order: OrderId, complete: boolean): readonly Violation[] {
    const { stack, members: n, faults: f, processes, orders } = this.#init
    const crashes: Violation[] = []
    const accusations: HistoryEvent[] = []
    const told = outcomes.map((id, index) => {
      const process = processes[index] ?? -1
      const { events, faults, failure } = this.at(id)
      accusations.push(...faults.map((fault): HistoryEvent => ({ time: 0, process, kind: 'fault', fault })))
      if (failure !== undefined) {
        const detail = `${nameOf({ n }, process)} stopped: ${failure.message}`
        crashes.push({ property: 'no crash', detail, at: 0 })
      }
      return events
    })
    const events = [...(orders?.arranged(order, told) ?? told.flat()), ...accusations]
    const history: History = { n, f, correct: processes, events, complete, inRealTime: orders !== undefined }
    return [
      ...crashes,
      ...abstractionOf(stack).judged.check(history, stack.properties, stack),
      ...checkOwn(stack.checks ?? {}, history)
    ]
  }
}
