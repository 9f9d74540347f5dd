/**
 * What a member measures, once for whoever asks: the metrics of its libp2p node, and `byzkit node --metrics`. Each
 * metric is a function of what the service says of itself. Beside its own labels each has those of the group and the
 * process, since a program may have members of several groups, and several of one.
 */
import type { AgreementStatus } from '../consensus/pbft/status.ts'
import { replicaService } from '../replication/service.ts'
import type { CountedFault, ServiceStatus } from './service.ts'

/** A member, as far as it is measured. */
export interface Measured {
  status(): ServiceStatus
  readonly faults: readonly CountedFault[]
  readonly landmarks: ReadonlyMap<string, number>
}

/** It as it is now: what it says is asked for once, however many metrics show some of it. */
export function momentOf(member: Measured): Measured {
  const status = member.status()
  return { status: () => status, faults: member.faults, landmarks: member.landmarks }
}

/** A value, with what its metric's own labels are there, in their order. */
export type Sample = readonly [labels: readonly string[], value: number]

export interface MetricDeclaration<M = Measured> {
  readonly name: `byzkit_${string}`
  readonly help: string
  /** A counter begins again with each start of the member. */
  readonly type: 'counter' | 'gauge'
  /** Its own, beside {@link PROCESS_LABELS}. */
  readonly labels: readonly string[]
  samples(measured: M): readonly Sample[]
}

/** The metrics of one kind of process, and what they are told apart by. */
export interface MetricSet<M> {
  readonly metrics: readonly MetricDeclaration<M>[]
  /** The labels that each begins with. */
  readonly labels: readonly string[]
  labelsOf(moment: M): readonly string[]
  /** It as it is now: what it says is asked for once, however many metrics show some of it. */
  momentOf(measured: M): M
}

/** The labels that every metric begins with: the first digits of the group's id, and the member's rank. */
export const PROCESS_LABELS = ['group', 'process'] as const

/** Of the id of a group. */
export const GROUP_DIGITS = 8

/** What they are for a member. */
export const processLabels = ({ group, self }: ServiceStatus): string[] => [
  group.slice(0, GROUP_DIGITS),
  String(self)
]

type Name = MetricDeclaration['name']

const gauge = (name: Name, help: string, value: (status: ServiceStatus) => number): MetricDeclaration => ({
  name,
  help,
  type: 'gauge',
  labels: [],
  samples: (member) => [[[], value(member.status())]]
})

const counter = (name: Name, help: string, value: (status: ServiceStatus) => number): MetricDeclaration => ({
  ...gauge(name, help, value),
  type: 'counter'
})

const flow = (unit: 'messages' | 'frames' | 'bytes', help: string): MetricDeclaration => ({
  name: `byzkit_${unit}_total`,
  help,
  type: 'counter',
  labels: ['direction'],
  samples: (member) => {
    const { counts } = member.status()
    return [
      [['in'], counts[`${unit}In`]],
      [['out'], counts[`${unit}Out`]]
    ]
  }
})

/** Of a member that replicates a machine; of another one there is nothing to show. */
const agreed = (
  name: Name,
  type: MetricDeclaration['type'],
  help: string,
  value: (status: AgreementStatus) => number
): MetricDeclaration => ({
  name,
  help,
  type,
  labels: [],
  samples(member) {
    const said = member.status().services?.[replicaService.name] as AgreementStatus | null | undefined
    return said ? [[[], value(said)]] : []
  }
})

const bySender = (values: readonly number[]): Sample[] =>
  values.map((value, sender) => [[String(sender)], value])

/** What a process has seen of others, and come to itself. @param whose - faults it sees */
export const seenMetrics = <M extends Pick<Measured, 'faults' | 'landmarks'>>(
  prefix: 'byzkit' | 'byzkit_client',
  whose: string
): readonly MetricDeclaration<M>[] => [
  {
    name: `${prefix}_faults_total`,
    help: `Faults of ${whose} that were seen`,
    type: 'counter',
    labels: ['member', 'kind', 'certainty'],
    samples: ({ faults }) =>
      faults.map(({ fault: { process, kind, certainty }, count }) => [
        [String(process), kind, certainty],
        count
      ])
  },
  {
    name: `${prefix}_landmarks_total`,
    help: 'States of the protocol that were reached',
    type: 'counter',
    labels: ['landmark'],
    samples: ({ landmarks }) => [...landmarks].map(([landmark, count]) => [[landmark], count])
  }
]

export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'byzkit_info',
    help: 'Always 1: which stack the member runs, and the whole id of its group',
    type: 'gauge',
    labels: ['stack', 'group_id'],
    samples: (member) => {
      const { stack, group } = member.status()
      return [[[stack, group], 1]]
    }
  },
  gauge('byzkit_ready', 'Whether the member is connected to a quorum: 1 or 0', ({ ready }) => Number(ready)),
  gauge('byzkit_members', 'Members of the group', ({ members }) => members),
  gauge('byzkit_faulty_max', 'Members that may be faulty: f', ({ faulty }) => faulty),
  gauge('byzkit_incarnation', 'Number of the life of the member', ({ incarnation }) => incarnation),
  gauge('byzkit_connected_members', 'Other members that are connected', ({ connected }) => connected.length),
  gauge('byzkit_lagging_members', 'Connected members that do not keep up', ({ lagging }) => lagging.length),
  gauge('byzkit_cut_off_processes', 'Processes that are cut off for misdeeds', ({ cutOff }) => cutOff.length),
  gauge('byzkit_clients', 'Clients that are connected', ({ clients }) => clients),
  gauge('byzkit_waiting_broadcasts', 'Broadcasts that wait for the window', ({ waiting }) => waiting),
  gauge(
    'byzkit_unacknowledged_deliveries',
    'Deliveries that the application has not consumed',
    ({ unacknowledged }) => unacknowledged
  ),
  {
    name: 'byzkit_delivered',
    help: 'Broadcasts of the sender below which all were delivered and acknowledged, in all lives',
    type: 'gauge',
    labels: ['sender'],
    samples: (member) => bySender(member.status().delivered)
  },
  {
    name: 'byzkit_deliveries_total',
    help: 'Broadcasts of the sender that were delivered',
    type: 'counter',
    labels: ['sender'],
    samples: (member) => bySender(member.status().deliveriesOf)
  },
  counter(
    'byzkit_broadcasts_total',
    'Broadcasts of the member that were accepted',
    (s) => s.counts.broadcasts
  ),
  agreed('byzkit_view', 'gauge', 'View of agreement that the member is in', ({ view }) => view),
  agreed(
    'byzkit_view_changing',
    'gauge',
    'Whether the member is leaving its view: 1 or 0',
    ({ view, target }) => Number(target > view)
  ),
  agreed(
    'byzkit_executed_batch',
    'gauge',
    'Number of the last batch that was executed',
    ({ executed }) => executed
  ),
  agreed(
    'byzkit_stable_batch',
    'gauge',
    'Number of the last batch whose state a quorum has signed',
    ({ stable }) => stable
  ),
  agreed(
    'byzkit_waiting_requests',
    'gauge',
    'Requests of clients that wait to be executed',
    ({ waiting }) => waiting
  ),
  agreed('byzkit_views_total', 'counter', 'Views of agreement that were entered', ({ entered }) => entered),
  agreed('byzkit_batches_total', 'counter', 'Batches that were executed', ({ batches }) => batches),
  agreed(
    'byzkit_batched_requests_total',
    'counter',
    'Requests in the batches that were executed',
    ({ requests }) => requests
  ),
  flow('messages', 'Messages of the protocol between the member and others'),
  flow('frames', 'Frames between the member and others'),
  flow('bytes', 'Bytes of the frames between the member and others'),
  counter('byzkit_frames_lost_total', 'Frames lost in front of the wire', (s) => s.counts.framesLost),
  counter('byzkit_turns_total', 'Turns of the process', (s) => s.counts.turns),
  counter('byzkit_commits_total', 'Batches of writes that became durable', (s) => s.counts.commits),
  counter('byzkit_writes_total', 'Writes to the store', (s) => s.counts.writes),
  counter('byzkit_verifications_total', 'Signatures that were verified', (s) => s.counts.verifications),
  ...seenMetrics<Measured>('byzkit', 'other processes')
]

export const memberMetrics: MetricSet<Measured> = {
  metrics: METRICS,
  labels: PROCESS_LABELS,
  labelsOf: (moment) => processLabels(moment.status()),
  momentOf
}
