/** What a run violates: the properties of its protocol, and what holds of every run. */
import { checkNaming } from '../checkers/naming.ts'
import { checkProofs } from '../checkers/proofs.ts'
import type { Checks, Violation } from '../checkers/violation.ts'
import type { Evidence } from '../core/fault.ts'
import { nameOf } from '../core/group.ts'
import { type Claim, judgeEvidence } from '../exchange/evidence.ts'
import { RUN_EVENTS_MAX, runPendingMax } from '../simulator/endless.ts'
import type { History } from '../simulator/history.ts'
import type { SimulationResult } from '../simulator/simulation.ts'
import { claims } from '../stacks/evidence.ts'
import type { Stack } from '../stacks/stack.ts'
import { abstractionOf, requireJudged } from './abstractions/index.ts'
import { requireStack } from './run-config.ts'

/**
 * The first violation of each property; a process that stopped is one of ours that failed.
 *
 * @throws InvalidParametersError if the protocol claims what nobody judges
 */
export function judge(protocol: string, result: SimulationResult): readonly Violation[] {
  const stack = requireStack(protocol)
  return judgeBy(stack, result, stack.checks, stack.claims)
}

/**
 * As {@link judge}, by the properties that the stack claims, whether or not it is known by its name.
 * @param own - claims that evidence may be of, beside those of byzkit
 */
export function judgeBy(
  stack: Stack,
  { history, endless, publicKeys }: SimulationResult,
  checks: Checks = {},
  own: readonly Claim[] = []
): readonly Violation[] {
  requireJudged(stack, checks)
  const { judged } = abstractionOf(stack)
  const first = new Map<string, Violation>()
  const add = (violation: Violation) => {
    if (!first.has(violation.property)) first.set(violation.property, violation)
  }
  history.events.forEach((event, at) => {
    if (event.kind !== 'stop' || !history.correct.includes(event.process)) return
    add({ property: 'no crash', detail: `${nameOf(history, event.process)} stopped: ${event.cause}`, at })
  })
  // An endless turn has stopped its process: that is a crash, and told as one.
  if (endless === 'events' || endless === 'pending') {
    const detail = `the run does not come to rest: ${withoutBound(endless, history.n)}`
    add({ property: 'quiescence', detail, at: history.events.length })
  }
  const { group, verifyBy } = publicKeys
  const verify = (evidence: Evidence) => judgeEvidence([...claims, ...own], group, evidence, verifyBy)
  const found = [
    ...judged.check(history, stack.properties, stack),
    ...checkNaming(history),
    ...checkProofs(history, group, verify)
  ]
  for (const violation of found) add(violation)
  for (const violation of checkOwn(checks, history)) add(violation)
  return [...first.values()].sort((a, b) => a.at - b.at)
}

const withoutBound = (endless: 'events' | 'pending', n: number) =>
  endless === 'events'
    ? `more than ${RUN_EVENTS_MAX} events`
    : `more than ${runPendingMax(n)} messages and timers under way at once`

/** What violates properties of somebody's own. */
export const checkOwn = (checks: Checks, history: History): readonly Violation[] =>
  Object.entries(checks).flatMap(([property, check]) => checked(property, check, history))

/** Somebody's own check may be wrong itself; then it is named instead. */
function checked(property: string, check: Checks[string], history: History): readonly Violation[] {
  try {
    return check(history).map((violation) => ({ ...violation, property }))
  } catch (error) {
    const detail = `its check failed: ${error instanceof Error ? error.message : String(error)}`
    return [{ property, detail, at: history.events.length }]
  }
}
