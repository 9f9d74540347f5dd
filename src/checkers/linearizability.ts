/**
 * Linearizability (Herlihy and Wing 1990), in CGR11 the atomicity of a register: each operation seems to take effect
 * at once, at some moment between its invocation and its return. It is local: a history is linearizable if that of
 * each object is, so each is judged by itself.
 */
import { Contradictions, explain } from './contradiction.ts'
import { findDeadEnd, SEARCH_EFFORT_MAX } from './linearization.ts'
import { initialState, type ObjectModel, States, type Step, stepOf } from './models.ts'
import { type Contradiction, type HistoryVerdict, type Operation, partition } from './operations.ts'
import { relevantSteps } from './relevance.ts'

export interface LinearizabilityOptions {
  /** How many configurations are looked at, for each object, before it is called undecided. */
  readonly effortMax?: number
}

/**
 * @throws {HistoryError} if the history does not fit the model
 * @throws {UndecidedError} if it is too hard to decide
 */
export function checkLinearizable(
  operations: readonly Operation[],
  model: ObjectModel,
  { effortMax = SEARCH_EFFORT_MAX }: LinearizabilityOptions = {}
): HistoryVerdict {
  const parts = partition(operations)
  // First of all, so that a malformed line of any key is told.
  const histories = parts.map((part) => {
    const states = new States()
    return { part, states, steps: stepsOf(part, model, states) }
  })
  for (const { part, states, steps } of histories) {
    const contradiction = contradictionOf(steps, model, states, effortMax)
    if (contradiction !== undefined)
      return { keys: parts.length, contradiction: { key: part[0]?.key ?? undefined, ...contradiction } }
  }
  return { keys: parts.length, contradiction: undefined }
}

/** In order of invocation. */
function stepsOf(operations: readonly Operation[], model: ObjectModel, states: States): Step[] {
  const steps = operations.flatMap((operation) => stepOf(operation, model, states) ?? [])
  return steps.sort((a, b) => a.invoked - b.invoked)
}

function contradictionOf(
  steps: readonly Step[],
  model: ObjectModel,
  states: States,
  effortMax: number
): Omit<Contradiction, 'key'> | undefined {
  const initial = initialState(model, states)
  const effort = { left: effortMax }
  const end = findDeadEnd(relevantSteps(steps, states), [initial], states, effort)
  if (end === undefined) return undefined
  const contradictions = new Contradictions(steps, initial, states, effortMax - effort.left)
  const smallest = contradictions.smallest(end)
  const operations = smallest.map(({ operation }) => operation)
  const context = contradictions.sources(smallest).map(({ operation }) => operation)
  return { reason: explain(operations), operations, context }
}
