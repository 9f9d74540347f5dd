/** What a client measures, for the metrics of its libp2p node: as a member does, as far as a client has the same. */
import type { ClientStatus } from './client-service.ts'
import { GROUP_DIGITS, type MetricDeclaration, type MetricSet, seenMetrics } from './metrics.ts'
import type { CountedFault } from './service.ts'

/** A client, as far as it is measured. */
export interface MeasuredClient {
  status(): ClientStatus
  readonly faults: readonly CountedFault[]
  readonly landmarks: ReadonlyMap<string, number>
}

/** The first digits of the group's id, and those of the client's public key. */
export const CLIENT_LABELS = ['group', 'client'] as const

type Declaration = MetricDeclaration<MeasuredClient>

const value =
  (type: Declaration['type']) =>
  (name: string, help: string, of: (status: ClientStatus) => number): Declaration => ({
    name: `byzkit_client_${name}`,
    help,
    type,
    labels: [],
    samples: (client) => [[[], of(client.status())]]
  })
const gauge = value('gauge')
const counter = value('counter')

const flow = (unit: 'messages' | 'frames' | 'bytes', help: string): Declaration => ({
  name: `byzkit_client_${unit}_total`,
  help,
  type: 'counter',
  labels: ['direction'],
  samples: (client) => {
    const { counts } = client.status()
    return [
      [['in'], counts[`${unit}In`]],
      [['out'], counts[`${unit}Out`]]
    ]
  }
})

export const CLIENT_METRICS: readonly Declaration[] = [
  gauge('ready', 'Whether the client is connected to a quorum: 1 or 0', ({ ready }) => Number(ready)),
  gauge('connected_members', 'Members that are connected', ({ connected }) => connected.length),
  gauge('lagging_members', 'Connected members that do not keep up', ({ lagging }) => lagging.length),
  gauge('cut_off_members', 'Members that are cut off for misdeeds', ({ cutOff }) => cutOff.length),
  gauge('open_operations', 'Operations that are under way', ({ operations }) => operations),
  gauge('waiting_operations', 'Operations that wait: too many are under way', ({ waiting }) => waiting),
  flow('messages', 'Messages of the protocol between the client and members'),
  flow('frames', 'Frames between the client and members'),
  flow('bytes', 'Bytes of the frames between the client and members'),
  counter('frames_lost_total', 'Frames lost in front of the wire', ({ counts }) => counts.framesLost),
  counter('verifications_total', 'Signatures that were verified', ({ counts }) => counts.verifications),
  ...seenMetrics<MeasuredClient>('byzkit_client', 'members')
]

export const clientMetrics: MetricSet<MeasuredClient> = {
  metrics: CLIENT_METRICS,
  labels: CLIENT_LABELS,
  labelsOf(moment) {
    const { group, client } = moment.status()
    return [group, client].map((hex) => hex.slice(0, GROUP_DIGITS))
  },
  momentOf(client) {
    const status = client.status()
    return { status: () => status, faults: client.faults, landmarks: client.landmarks }
  }
}
