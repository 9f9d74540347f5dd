/**
 * Carried over: what was executed in a view is what every later view begins with at that number, or lies behind the
 * stable checkpoint that it begins with. This is the claim by which views are safe (selection.ts), looked at whenever a
 * correct member enters one: a start that lost something shows before two members disagree.
 */
import type { CertifiedStart } from '../../consensus/pbft/progress.ts'
import { sameBytes } from '../../core/bytes.ts'

export const CARRIED_OVER = {
  kind: 'safety',
  witnessed: true,
  sentence: 'every view begins with what was executed in those before it, or behind it'
} as const

/** What was executed first at a number. */
export interface FirstExecution {
  /** A view in which it was committed, or a later one. */
  readonly view: number
  readonly batch: Uint8Array
}

/** Numbers that were executed in earlier views, and that this start has lost. */
export function lostBy({ start }: CertifiedStart, executed: ReadonlyMap<number, FirstExecution>): number[] {
  const { view, stable, selected } = start
  return [...executed].flatMap(([sequence, first]) => {
    if (first.view >= view || sequence <= stable.sequence) return []
    const carried = selected[sequence - stable.sequence - 1]
    return carried !== undefined && sameBytes(carried, first.batch) ? [] : [sequence]
  })
}
