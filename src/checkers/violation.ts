/** What a checker says of a run that breaks a property. */
import type { ProcessId } from '../core/group.ts'
import type { History } from '../simulator/history.ts'

export interface Violation {
  /** The textbook name of the property, or one of those that hold of every run (`no crash`, `termination`, ...). */
  readonly property: string
  /** One line for people: who, what, where. */
  readonly detail: string
  /** The broadcast that it is about, if it is about one. */
  readonly instance?: { readonly sender: ProcessId; readonly sequence: number }
  /** What never came stayed away from this one correct process alone: it is starved. */
  readonly starved?: ProcessId
  /** Index of the event in the history that violates it; the history's length for what never came. */
  readonly at: number
  /** Lines of somebody's own code, innermost first, if it is about an error that came of them. */
  readonly stack?: readonly string[]
}

/** Properties by name, each judged over the history of a run. */
export interface Checks {
  readonly [property: string]: (history: History) => readonly Violation[]
}
