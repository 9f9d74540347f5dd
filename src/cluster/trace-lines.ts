/** The history of a cluster as JSON lines: what it was, each event, and the verdict. Payloads appear as digests. */
import type { Values } from '../core/service.ts'
import type { HistoryEvent } from '../simulator/history.ts'
import { type Judgement, withoutBytes } from './judgement.ts'
import type { ClusterPlan } from './plan.ts'
import { sha256 } from './recorder.ts'

export const CLUSTER_TRACE_FORMAT = 'byzkit/cluster'
export const CLUSTER_TRACE_VERSION = 2

export function clusterTrace(
  plan: ClusterPlan,
  events: readonly HistoryEvent[],
  { verdict, properties, violations }: Judgement
): string {
  const head = {
    format: CLUSTER_TRACE_FORMAT,
    version: CLUSTER_TRACE_VERSION,
    stack: plan.stack.name,
    members: plan.members,
    f: plan.f,
    byzantine: plan.byzantine,
    behaviour: plan.behaviour?.name ?? null
  }
  const lines = [head, ...events.map(withDigests), { kind: 'verdict', verdict, properties, violations }]
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
}

function withDigests(event: HistoryEvent): object {
  if (event.kind === 'fault') {
    // The evidence is for machines that check signatures; here it would be pages of numbers.
    const { process, kind, certainty, detail } = event.fault
    return { ...event, fault: { process, kind, certainty, detail } }
  }
  const digests = (values: Values) =>
    withoutBytes(values, (bytes) => ({ bytes: bytes.length, sha256: sha256(bytes) }))
  if (event.kind === 'invoke') return { ...event, arguments: digests(event.arguments) }
  if (event.kind === 'return') return { ...event, ...digests({ result: event.result }) }
  return event.kind === 'indicate' ? { ...event, values: digests(event.values) } : event
}
