/** What is to be said of a tour when it is over. */

import { checkProofs } from '../checkers/proofs.ts'
import type { Violation } from '../checkers/violation.ts'
import { fromHex } from '../core/bytes.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { Values } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'
import { abstractionOf, propertyOf } from '../laboratory/abstractions/index.ts'
import type { History, HistoryEvent } from '../simulator/history.ts'
import { verifyEvidence } from '../stacks/evidence.ts'
import { type AttackEffect, measureEffect } from './effect.ts'
import { judgeOperations, LINEARIZABILITY } from './led-history.ts'
import type { ClusterPlan } from './plan.ts'
import { type Assembled, type Recorder, sha256 } from './recorder.ts'
import type { RegisterTour } from './register-tour.ts'
import type { FaultSeen, Tally } from './tally.ts'
import type { Toured } from './use.ts'

export type Verdict = 'ok' | 'violated' | 'inconclusive'

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
  /** How often each thing was asked for, has returned or was told, where nothing is broadcast. */
  readonly told?: { readonly [what: string]: number }
  /** What clients did with a register, if it came to that. */
  readonly registers: RegisterTour | null
}

/** Violations of the same kind beyond these tell nothing new. */
const VIOLATIONS_MAX = 100

/** @param group - by whose public keys evidence is checked; undefined: none is, since nobody was up */
export function judge(
  plan: ClusterPlan,
  recorder: Recorder,
  tally: Tally,
  { settled, registers, phases, clients = 0 }: Toured,
  group: Group | undefined
): Judgement {
  const { correct, stack, behaviour } = plan
  const history = historyOf(plan, recorder, clients)
  const { events } = history
  const crashes = recorder.events.flatMap((event, at): Violation[] =>
    event.kind === 'stop'
      ? [{ property: 'no crash', detail: `member ${event.process} stopped by itself: ${event.cause}`, at }]
      : []
  )
  const seen = phases === undefined ? undefined : judgeOperations(plan, events)
  const violations = [
    ...abstractionOf(stack).judged.check(history, stack.properties, stack),
    ...crashes,
    ...(group === undefined ? [] : checkProofs(history, group, (shown) => verifyEvidence(group, shown))),
    ...ofClients(registers, correct, recorder.events.length),
    ...(seen?.violations ?? [])
  ]
  const violated = new Set<string>(violations.map(({ property }) => property))
  if (!settled) violated.add('liveness')
  const ofRegisters = registers === undefined ? [] : ['atomicity']
  const ofOperations = seen === undefined ? [] : [LINEARIZABILITY]
  const shown = stack.properties.filter((name) => propertyOf(stack, name)?.witnessed !== true)
  const names = [...shown, ...ofRegisters, ...ofOperations, 'no crash', 'liveness']
  const effect = behaviour === undefined ? null : measureEffect(plan, recorder, tally, registers)
  return {
    // Of what phases have shown their table tells, whether or not a leader that lies left a mark.
    ...decide(violations, settled, phases === undefined ? effect : null, seen?.undecided),
    properties: Object.fromEntries(names.map((name) => [name, violated.has(name) ? 'violated' : 'held'])),
    violations: violations.slice(0, VIOLATIONS_MAX),
    digests: Object.fromEntries(correct.map((member) => [member, recorder.assembled(member)])),
    effect,
    faultsSeen: tally.faults,
    ...(plan.chunks.length === 0 && { told: countTold(events) }),
    registers: registers ?? null
  }
}

/** What happened until now, as if nothing were to come. */
function historyOf(
  { members, f, correct, chunks }: ClusterPlan,
  recorder: Recorder,
  clients: number
): History {
  // Of a broadcast's large payloads digests are enough; what services return may have bytes anywhere in it.
  const events = chunks.length === 0 ? recorder.events : recorder.events.map(withDigest)
  const processes = [...correct, ...Array.from({ length: clients }, (_, client) => members + client)]
  return { n: members, f, correct: processes, events, complete: true, inRealTime: chunks.length === 0 }
}

/** Whether something that the stack promises has still to come about. */
export function isOwed(plan: ClusterPlan, recorder: Recorder, clients: number): boolean {
  const { stack } = plan
  const history = historyOf(plan, recorder, clients)
  return abstractionOf(stack)
    .judged.check(history, stack.properties, stack)
    .some(({ property }) => propertyOf(stack, property)?.kind === 'liveness')
}

const TOLD = { invoke: 'asked', return: 'returned', indicate: 'told' } as const

function countTold(events: readonly HistoryEvent[]): { readonly [what: string]: number } {
  const counts: { [what: string]: number } = {}
  for (const event of events) {
    if (event.kind !== 'invoke' && event.kind !== 'return' && event.kind !== 'indicate') continue
    const what = `${event.name}: ${TOLD[event.kind]}`
    counts[what] = (counts[what] ?? 0) + 1
  }
  return counts
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

/** The values, with something else in place of byte strings. */
export const withoutBytes = (values: Values, other: (bytes: Uint8Array) => PlainValue): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Uint8Array ? other(value) : value])
  )

/** Equal payloads have equal digests; and where they differ, their first bytes already do, which is what is shown. */
function withDigest(event: HistoryEvent): HistoryEvent {
  const digests = (values: Values) => withoutBytes(values, (bytes) => fromHex(sha256(bytes)))
  if (event.kind === 'invoke') return { ...event, arguments: digests(event.arguments) }
  if (event.kind === 'return') return { ...event, ...digests({ result: event.result }) }
  return event.kind === 'indicate' ? { ...event, values: digests(event.values) } : event
}

function decide(
  violations: readonly Violation[],
  settled: boolean,
  effect: AttackEffect | null,
  undecided: string | undefined
): { verdict: Verdict; reason?: string } {
  const [first] = violations
  if (first !== undefined) return { verdict: 'violated', reason: `${first.property}: ${first.detail}` }
  if (!settled) return { verdict: 'violated', reason: 'liveness: it did not settle in time' }
  if (effect !== null && !effect.seen)
    return { verdict: 'inconclusive', reason: 'the attack had no effect on any correct member' }
  if (undecided !== undefined) return { verdict: 'inconclusive', reason: undecided }
  return { verdict: 'ok' }
}
