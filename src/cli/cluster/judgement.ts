/** What is to be said of a tour when it is over. */
import { checkBroadcast } from '../../checkers/broadcast.ts'
import type { Violation } from '../../checkers/violation.ts'
import { fromHex } from '../../core/bytes.ts'
import type { ProcessId } from '../../core/group.ts'
import type { History, HistoryEvent } from '../../simulator/history.ts'
import { type AttackEffect, measureEffect } from './effect.ts'
import type { ClusterPlan } from './plan.ts'
import { type Recorder, sha256 } from './recorder.ts'
import type { RegisterTour } from './register-tour.ts'
import type { FaultSeen, Tally } from './tally.ts'
import type { Toured } from './tour.ts'

export type Verdict = 'ok' | 'violated' | 'inconclusive'

/** What one member assembled from the broadcasts of one sender. */
export interface Assembled {
  readonly broadcasts: number
  readonly bytes: number
  /** SHA-256 of the payloads, one after the other in the sender's order. */
  readonly sha256: string
  /** Whether these are the bytes of the input. */
  readonly same: boolean
}

export interface Judgement {
  readonly verdict: Verdict
  /** Why it is not ok. */
  readonly reason?: string
  readonly properties: { readonly [name: string]: 'held' | 'violated' }
  readonly violations: readonly Violation[]
  /** By member, by sender. */
  readonly digests: { readonly [member: ProcessId]: readonly Assembled[] }
  readonly effect: AttackEffect | null
  readonly faultsSeen: readonly FaultSeen[]
  /** What clients did with a register, if it came to that. */
  readonly registers: RegisterTour | null
}

/** Violations of the same kind beyond these tell nothing new. */
const VIOLATIONS_MAX = 100

export function judge(
  plan: ClusterPlan,
  recorder: Recorder,
  tally: Tally,
  { settled, registers }: Toured
): Judgement {
  const { members, f, correct, stack, behaviour } = plan
  const events = recorder.events.map(withDigest)
  const history: History = { n: members, f, correct, events, complete: true, inRealTime: false }
  const crashes = recorder.events.flatMap((event, at): Violation[] =>
    event.kind === 'stop'
      ? [{ property: 'no crash', detail: `member ${event.process} stopped by itself: ${event.cause}`, at }]
      : []
  )
  const violations = [
    ...checkBroadcast(history, stack.properties),
    ...crashes,
    ...ofClients(registers, correct, recorder.events.length)
  ]
  const violated = new Set<string>(violations.map(({ property }) => property))
  if (!settled) violated.add('liveness')
  const ofRegisters = registers === undefined ? [] : ['atomicity']
  const names = [...stack.properties, ...ofRegisters, 'no crash', 'liveness']
  const effect = behaviour === undefined ? null : measureEffect(plan, recorder, tally, registers)
  return {
    ...decide(violations, settled, effect),
    properties: Object.fromEntries(names.map((name) => [name, violated.has(name) ? 'violated' : 'held'])),
    violations: violations.slice(0, VIOLATIONS_MAX),
    digests: Object.fromEntries(correct.map((member) => [member, assembleAll(plan, recorder, member)])),
    effect,
    faultsSeen: tally.faults,
    registers: registers ?? null
  }
}

/** What the clients saw that must not be. */
function ofClients(
  registers: RegisterTour | undefined,
  correct: readonly ProcessId[],
  at: number
): Violation[] {
  if (registers === undefined) return []
  const { contradiction, unanswered, faultsSeen } = registers
  const violations: Violation[] = []
  if (contradiction !== undefined) violations.push({ property: 'atomicity', detail: contradiction, at })
  for (const { process, kind, certainty } of faultsSeen) {
    if (certainty === 'suspected' || !correct.includes(process)) continue
    const detail = `clients saw ${kind} by member ${process}, ${certainty}, which is correct`
    violations.push({ property: 'accuracy', detail, at })
  }
  if (unanswered > 0) {
    const detail = `${unanswered} operations on a register were not answered in time`
    violations.push({ property: 'liveness', detail, at })
  }
  return violations
}

/** Equal payloads have equal digests; and where they differ, their first bytes already do, which is what is shown. */
function withDigest(event: HistoryEvent): HistoryEvent {
  if (event.kind !== 'broadcast' && event.kind !== 'deliver') return event
  return { ...event, payload: fromHex(sha256(event.payload)) }
}

function decide(
  violations: readonly Violation[],
  settled: boolean,
  effect: AttackEffect | null
): { verdict: Verdict; reason?: string } {
  const [first] = violations
  if (first !== undefined) return { verdict: 'violated', reason: `${first.property}: ${first.detail}` }
  if (!settled) return { verdict: 'violated', reason: 'liveness: it did not settle in time' }
  if (effect !== null && !effect.seen)
    return { verdict: 'inconclusive', reason: 'the attack had no effect on any correct member' }
  return { verdict: 'ok' }
}

function assembleAll({ members, input }: ClusterPlan, recorder: Recorder, member: ProcessId): Assembled[] {
  const whole = sha256(input)
  return Array.from({ length: members }, (_, sender) => {
    const payloads = [...recorder.delivered(member, sender)]
      .sort(([a], [b]) => a - b)
      .map(([, bytes]) => bytes)
    const digest = sha256(...payloads)
    return {
      broadcasts: payloads.length,
      bytes: payloads.reduce((total, { length }) => total + length, 0),
      sha256: digest,
      same: digest === whole
    }
  })
}
