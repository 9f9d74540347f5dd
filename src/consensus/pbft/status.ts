/** Where agreement is at a member, for people. */
import type { ProcessId } from '../../core/group.ts'
import type { Progress } from './progress.ts'

/** How far a member is. */
export type AgreementStatus = {
  /** The view that it is in, and its primary. */
  readonly view: number
  readonly primary: ProcessId
  /** The view that it wants to enter; its own, while it is content. */
  readonly target: number
  /** The last number that it has executed. */
  readonly executed: number
  /** The last number whose state a quorum has signed. */
  readonly stable: number
  /** Members whose votes it misses: at the open numbers, or for the view that it wants to enter. */
  readonly missing: readonly ProcessId[]
  /** Requests that wait here to be executed, from who signed them. */
  readonly waiting: number
  /** In this life: views that it has entered, batches that it has executed, and the requests in these. */
  readonly entered: number
  readonly batches: number
  readonly requests: number
}

export const statusOf = (
  { base: view, target, primary, executed, low: stable, counts }: Progress,
  missing: readonly ProcessId[],
  waiting: number
): AgreementStatus => ({ view, target, primary, executed, stable, missing, waiting, ...counts })
