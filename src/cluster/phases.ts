/**
 * What befalls a group with a leader, one thing after the other: its leader is killed and comes back, its leader is
 * cut off and connected again, a liar leads. In none of them more than f members are dead, cut off or lying; a member
 * counts as correct again once it has caught up, and the next phase begins after that.
 */
import type { ProcessId } from '../core/group.ts'
import type { Standing } from '../laboratory/abstractions/abstraction.ts'
import type { ClusterPlan } from './plan.ts'

export type PhaseName = 'leader killed' | 'leader cut off' | 'leader lies'

/** Who counts among the f of the group. */
export interface Stricken {
  readonly dead: readonly ProcessId[]
  readonly cutOff: readonly ProcessId[]
  readonly lying: readonly ProcessId[]
}

export interface Phase {
  readonly name: PhaseName
  readonly leader: ProcessId
  readonly stricken: Stricken
  /** The term in which it began, and the one in which everybody was at its end. */
  readonly from: number
  readonly to: number
  /** Operations of clients that were completed in it. */
  readonly operations: number
  readonly ms: number
  /** Where each member was at its end that says it. */
  readonly standings: ReadonlyMap<ProcessId, Standing>
}

export const phasesOf = ({ byzantine }: Pick<ClusterPlan, 'byzantine'>): readonly PhaseName[] => [
  'leader killed',
  'leader cut off',
  // Without liars nobody lies.
  ...(byzantine.length === 0 ? [] : (['leader lies'] as const))
]

/** Whom a phase strikes that begins under that leader: never more than f, and in the first two none that is to lie. */
export function strickenIn(
  name: PhaseName,
  leader: ProcessId,
  { f, correct, byzantine }: Pick<ClusterPlan, 'f' | 'correct' | 'byzantine'>
): Stricken {
  const nobody = { dead: [], cutOff: [], lying: [] }
  if (name === 'leader killed') return { ...nobody, dead: [leader] }
  if (name === 'leader lies') return { ...nobody, lying: byzantine }
  const others = correct.filter((member) => member !== leader).reverse()
  return { ...nobody, cutOff: [leader, ...others].slice(0, f) }
}
