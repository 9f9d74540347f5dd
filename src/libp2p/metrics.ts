/**
 * Metrics, computed when they are asked for: they cost nothing otherwise. libp2p keeps metrics by name for all of a
 * program, so the labels begin with the group's id: a node may be in several.
 */
import type { Metrics } from '@libp2p/interface'
import { toHex } from '../core/bytes.ts'
import type { Group } from '../core/group.ts'
import type { CountedFault, Counts, ServiceStatus } from './service.ts'

/** Bytes of the group id that a label shows. */
const LABEL_BYTES = 4

export interface Measured {
  status(): ServiceStatus
  faults(): readonly CountedFault[]
}

interface MetricGroup {
  readonly name: string
  readonly label: string
  readonly help: string
  readonly values: (status: ServiceStatus) => Record<string, number>
}

const flow = (unit: 'frames' | 'bytes' | 'messages', help: string): MetricGroup => ({
  name: `byzkit_${unit}`,
  label: 'group_direction',
  help,
  values: ({ counts }) => ({ in: counts[`${unit}In`], out: counts[`${unit}Out`] })
})

const counted = (names: readonly (keyof Counts)[]) => (status: ServiceStatus) =>
  Object.fromEntries(names.map((name) => [name, status.counts[name]]))

const GROUPS: readonly MetricGroup[] = [
  flow('messages', 'Messages of the protocol between this member and others'),
  flow('frames', 'Frames between this member and others'),
  flow('bytes', 'Bytes of the frames between this member and others'),
  {
    name: 'byzkit_events',
    label: 'group_event',
    help: 'Broadcasts, deliveries, turns of the process, what became durable, and signatures verified',
    values: counted(['broadcasts', 'deliveries', 'turns', 'commits', 'writes', 'verifications', 'framesLost'])
  },
  {
    name: 'byzkit_members',
    label: 'group_state',
    help: 'Other members that are connected, or lagging; processes that are cut off',
    values: ({ connected, lagging, cutOff }) => ({
      connected: connected.length,
      lagging: lagging.length,
      cutOff: cutOff.length
    })
  },
  {
    name: 'byzkit_queues',
    label: 'group_queue',
    help: 'Broadcasts that wait for the window, and deliveries that were not acknowledged',
    values: ({ waiting, unacknowledged }) => ({ waiting, unacknowledged })
  }
]

export function registerMetrics(metrics: Metrics | undefined, group: Group, measured: Measured): void {
  if (metrics === undefined) return
  const prefix = toHex(group.id.subarray(0, LABEL_BYTES))
  const labelled = (values: Record<string, number>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix} ${key}`, value]))
  for (const { name, label, help, values } of GROUPS) {
    metrics.registerMetricGroup(name, { label, help, calculate: () => labelled(values(measured.status())) })
  }
  metrics.registerMetricGroup('byzkit_faults', {
    label: 'group_kind',
    help: 'Faults of other members, by kind',
    calculate: () => labelled(byKind(measured.faults()))
  })
}

function byKind(faults: readonly CountedFault[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { fault, count } of faults) counts[fault.kind] = (counts[fault.kind] ?? 0) + count
  return counts
}
