/**
 * What an attack did to the correct members and to clients, measured at them alone: an attack that leaves no trace
 * there has shown nothing about the protocol.
 */
import type { FaultKind } from '../core/fault.ts'
import type { ClusterPlan } from './plan.ts'
import type { LatencyMs, Recorder } from './recorder.ts'
import type { RegisterTour } from './register-tour.ts'
import type { Tally } from './tally.ts'

export interface AttackEffect {
  /** Whether the attack left the traces by which its behaviour is known. */
  readonly seen: boolean
  /** Those traces, and how many of each. */
  readonly traces: { readonly [name: string]: number }
  /** Broadcasts asked of Byzantine members that some correct member has not delivered; absent where none are made. */
  readonly instancesLeftShort?: number
  /** Times that a Byzantine member was caught saying two things where the protocol allows one. */
  readonly conflicting: number
  /** Frames and messages of Byzantine members that were refused for what they are. */
  readonly rejected: number
  readonly latencyMs?: LatencyMs
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

export function measureEffect(
  { behaviour, byzantine }: ClusterPlan,
  { missed, latencyMs }: Recorder,
  tally: Tally,
  registers: Pick<RegisterTour, 'landmarks' | 'faultsSeen'> | undefined
): AttackEffect {
  // Only clients notice lies in answers.
  const everyFault = [...tally.faults, ...(registers?.faultsSeen ?? [])]
  const faults = everyFault.filter(({ process }) => byzantine.includes(process))
  const count = (...kinds: readonly FaultKind[]) =>
    faults.filter(({ kind }) => kinds.includes(kind)).reduce((total, fault) => total + fault.count, 0)
  const expected = behaviour?.effect
  const traces: Record<string, number> = {}
  for (const name of expected?.landmarks ?? [])
    traces[name] = (tally.landmarks.get(name) ?? 0) + (registers?.landmarks[name] ?? 0)
  for (const kind of expected?.faults ?? []) traces[kind] = count(kind)
  if (expected?.broadcasts === 'missing' && missed !== undefined)
    traces['broadcasts missing'] = missed.missing
  if (expected?.broadcasts === 'late' && missed !== undefined) traces['broadcasts late'] = missed.late
  return {
    seen: Object.values(traces).some((number) => number > 0),
    traces,
    ...(missed && { instancesLeftShort: missed.missing }),
    conflicting: count(...CONFLICTS),
    rejected: count(...REJECTIONS),
    ...(latencyMs && { latencyMs })
  }
}
