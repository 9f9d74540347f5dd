/** Where the members of a group with a leader say that they are. */
import type { ProcessId } from '../core/group.ts'
import type { Led, Standing } from '../laboratory/abstractions/abstraction.ts'
import { abstractionOf } from '../laboratory/abstractions/index.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterPlan } from './plan.ts'

export function ledOf({ stack }: Pick<ClusterPlan, 'stack'>): Led {
  const { led } = abstractionOf(stack)
  if (led === undefined) throw new Error(`the members of ${stack.name} follow nobody`)
  return led
}

/** Where a member says that it is; undefined of one that is down, or lies. */
export function standingOf({ plan, tally }: Cluster, member: ProcessId): Standing | undefined {
  const said = plan.byzantine.includes(member) ? undefined : tally.said(member)
  // The application of the laboratory says it for what it stands on.
  const services = said && Object.values(said)[0]
  return services ? ledOf(plan).standing(services as Parameters<Led['standing']>[0]) : undefined
}
