/** What a checker says of a run that breaks a property. */
import type { ProcessId } from '../core/group.ts'

export interface Violation {
  /** The textbook name of the property, or one of those that hold of every run (`no crash`, `termination`, ...). */
  readonly property: string
  /** One line for people: who, what, where. */
  readonly detail: string
  /** The broadcast that it is about, if it is about one. */
  readonly instance?: { readonly sender: ProcessId; readonly sequence: number }
  /** Index of the event in the history that violates it; the history's length for what never came. */
  readonly at: number
}
