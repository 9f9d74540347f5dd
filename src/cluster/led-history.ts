/** What clients of a group with a leader saw, judged as `byzkit check` judges a history of any store. */
import { checkLinearizable } from '../checkers/linearizability.ts'
import { UndecidedError } from '../checkers/operations.ts'
import type { Violation } from '../checkers/violation.ts'
import type { HistoryEvent } from '../simulator/history.ts'
import { ledOf } from './led-standing.ts'
import type { ClusterPlan } from './plan.ts'

export const LINEARIZABILITY = 'linearizability'

export interface OperationsJudged {
  readonly violations: readonly Violation[]
  /** Why nobody knows, if nobody does. */
  readonly undecided?: string
}

export function judgeOperations(plan: ClusterPlan, events: readonly HistoryEvent[]): OperationsJudged {
  const { model, operations } = ledOf(plan)
  try {
    const { contradiction } = checkLinearizable(operations(events), model)
    if (contradiction === undefined) return { violations: [] }
    return { violations: [{ property: LINEARIZABILITY, detail: contradiction.reason, at: events.length }] }
  } catch (error) {
    if (!(error instanceof UndecidedError)) throw error
    return { violations: [], undecided: `${LINEARIZABILITY}: ${error.message}` }
  }
}
