/**
 * What the processes of an exhaustive exploration have come to, and whether the protocol's properties allow it. The
 * judge is the checker of simulated runs; there are few outcomes, so that each combination is judged once.
 */

import type { Delivery } from '../../broadcast/delivery-log.ts'
import { checkBroadcast } from '../../checkers/broadcast.ts'
import type { Violation } from '../../checkers/violation.ts'
import { assert } from '../../core/assert.ts'
import type { Fault } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import { LIAR } from './menu.ts'
import { canonicalText } from './process.ts'

export type OutcomeId = number

/** A process that comes to more different outcomes than this is not in a small case. */
const OUTCOMES_MAX = 256

/** What one process has delivered and whom it has accused, as far as a checker asks for it. */
export interface Outcome {
  readonly deliveries: readonly Delivery[]
  readonly faults: readonly Fault[]
  readonly crash: Error | undefined
}

export class Outcomes {
  readonly #members: number
  readonly #faults: number
  readonly #properties: readonly string[]
  readonly #outcomes: Outcome[] = []
  readonly #ids = new Map<string, OutcomeId>()
  readonly #judged = new Map<number, readonly Violation[]>()

  constructor(members: number, faults: number, properties: readonly string[]) {
    this.#members = members
    this.#faults = faults
    this.#properties = properties
  }

  /** What the liar is accused of is true, and no property speaks of it. */
  intern({ deliveries, faults, crash }: Outcome): OutcomeId {
    const accused = faults.filter(({ process }) => process !== LIAR)
    const text = canonicalText({
      deliveries: deliveries.map((delivery) => ({ ...delivery })),
      accused: accused.map(({ process, kind, certainty }): PlainValue => [process, kind, certainty]),
      crash: crash?.message ?? null
    })
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = this.#outcomes.length
    assert(id < OUTCOMES_MAX, `a process comes to at most ${OUTCOMES_MAX} different outcomes`)
    // A copy: the process goes on.
    this.#outcomes.push({ deliveries: [...deliveries], faults: accused, crash })
    this.#ids.set(text, id)
    return id
  }

  /**
   * @param outcomes of the correct processes 1, 2, ..., in this order
   * @param complete whether nothing is on its way any more, so that what is promised must have come
   */
  judge(outcomes: readonly OutcomeId[], complete: boolean): readonly Violation[] {
    let key = complete ? 1 : 0
    for (const id of outcomes) key = key * OUTCOMES_MAX + id
    const known = this.#judged.get(key)
    if (known !== undefined) return known
    const violations = this.#judge(outcomes, complete)
    this.#judged.set(key, violations)
    return violations
  }

  #judge(outcomes: readonly OutcomeId[], complete: boolean): readonly Violation[] {
    const correct = outcomes.map((_, index) => index + 1)
    const crashes: Violation[] = []
    const events: HistoryEvent[] = []
    for (const process of correct) {
      const { deliveries = [], faults = [], crash } = this.#outcomes[outcomes[process - 1] ?? -1] ?? {}
      events.push(...deliveries.map((delivery) => toEvent(process, delivery)))
      events.push(...faults.map((fault): HistoryEvent => ({ time: 0, process, kind: 'fault', fault })))
      if (crash === undefined) continue
      const detail = `member ${process} stopped: ${crash.message}`
      crashes.push({ property: 'no crash', detail, at: events.length })
    }
    const history = { n: this.#members, f: this.#faults, correct, events, complete, inRealTime: false }
    return [...crashes, ...checkBroadcast(history, this.#properties)]
  }
}

function toEvent(process: ProcessId, delivery: Delivery): HistoryEvent {
  const { position, sender } = delivery
  if (delivery.type === 'gap')
    return { time: 0, process, sender, kind: 'gap', from: delivery.from, to: delivery.to, position }
  const { sequence, payload } = delivery
  return { time: 0, process, sender, kind: 'deliver', position, sequence, payload }
}
