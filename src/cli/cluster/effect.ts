/**
 * What an attack did to the correct members and to clients, measured at them alone: an attack that leaves no trace there
 * has shown nothing about the protocol.
 */
import type { FaultKind } from '../../core/fault.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { ClusterPlan } from './plan.ts'
import type { Recorder } from './recorder.ts'
import type { RegisterTour } from './register-tour.ts'
import type { Tally } from './tally.ts'

export interface AttackEffect {
  /** Whether the attack left the traces by which its behaviour is known. */
  readonly seen: boolean
  /** Those traces, and how many of each. */
  readonly traces: { readonly [name: string]: number }
  /** Broadcasts asked of Byzantine members that some correct member has not delivered. */
  readonly instancesLeftShort: number
  /** Times that a Byzantine member was caught saying two things where the protocol allows one. */
  readonly conflicting: number
  /** Frames and messages of Byzantine members that were refused for what they are. */
  readonly rejected: number
  /** Medians from request to delivery, milliseconds; null where nothing was delivered. */
  readonly latencyMs: { readonly correct: number | null; readonly byzantine: number | null }
}

const CONFLICTS: readonly FaultKind[] = ['equivocation', 'contradicting-vote']

const REJECTIONS: readonly FaultKind[] = [
  'malformed',
  'invalid-signature',
  'invalid-mac',
  'wrong-group',
  'stale-life',
  'protocol-violation',
  'flooding'
]

/** Broadcasts are late that take so much longer than those of correct members. */
const LATE_FACTOR = 2

export function measureEffect(
  { behaviour, byzantine, correct, chunks }: ClusterPlan,
  recorder: Recorder,
  tally: Tally,
  registers: RegisterTour | undefined
): AttackEffect {
  // What lies in answers do shows at clients.
  const everyFault = [...tally.faults, ...(registers?.faultsSeen ?? [])]
  const faults = everyFault.filter(({ process }) => byzantine.includes(process))
  const count = (...kinds: readonly FaultKind[]) =>
    faults.filter(({ kind }) => kinds.includes(kind)).reduce((total, fault) => total + fault.count, 0)
  const isShort = (sender: number, sequence: number) =>
    correct.some((member) => !recorder.delivered(member, sender).has(sequence))
  const instancesLeftShort = byzantine
    .flatMap((sender) => chunks.map((_, sequence) => isShort(sender, sequence)))
    .filter(Boolean).length
  const latencies = deliveryLatencies(recorder.events)
  const ofCorrect = median(latencies.filter(([sender]) => correct.includes(sender)))
  const ofByzantine = median(latencies.filter(([sender]) => byzantine.includes(sender)))
  const late =
    ofCorrect === null || ofByzantine === null || ofByzantine < LATE_FACTOR * ofCorrect
      ? 0
      : latencies.filter(([sender, ms]) => byzantine.includes(sender) && ms >= LATE_FACTOR * ofCorrect).length
  const expected = behaviour?.effect
  const traces: Record<string, number> = {}
  for (const name of expected?.landmarks ?? [])
    traces[name] = (tally.landmarks.get(name) ?? 0) + (registers?.landmarks[name] ?? 0)
  for (const kind of expected?.faults ?? []) traces[kind] = count(kind)
  if (expected?.broadcasts === 'missing') traces['broadcasts missing'] = instancesLeftShort
  if (expected?.broadcasts === 'late') traces['broadcasts late'] = late
  return {
    seen: Object.values(traces).some((number) => number > 0),
    traces,
    instancesLeftShort,
    conflicting: count(...CONFLICTS),
    rejected: count(...REJECTIONS),
    latencyMs: { correct: ofCorrect, byzantine: ofByzantine }
  }
}

/** Milliseconds from the request to each delivery, with the sender. */
function deliveryLatencies(events: readonly HistoryEvent[]): [sender: number, ms: number][] {
  const requested = new Map<string, number>()
  const latencies: [number, number][] = []
  for (const event of events) {
    if (event.kind === 'broadcast') requested.set(`${event.process}/${event.sequence}`, event.time)
    if (event.kind !== 'deliver') continue
    const from = requested.get(`${event.sender}/${event.sequence}`)
    if (from !== undefined) latencies.push([event.sender, (event.time - from) / 1000])
  }
  return latencies
}

function median(latencies: readonly (readonly [number, number])[]): number | null {
  const sorted = latencies.map(([, ms]) => ms).sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  return middle === undefined ? null : Math.round(middle)
}
