/** What a run violates: the properties of its protocol, and what holds of every run. */
import { checkBroadcast } from '../checkers/broadcast.ts'
import { checkNaming } from '../checkers/naming.ts'
import { checkRegister } from '../checkers/registers.ts'
import type { Checks, Violation } from '../checkers/violation.ts'
import { nameOf } from '../core/group.ts'
import { RUN_EVENTS_MAX, runPendingMax } from '../simulator/endless.ts'
import type { History } from '../simulator/history.ts'
import type { SimulationResult } from '../simulator/simulation.ts'
import type { Stack } from '../stacks/stack.ts'
import { requireStack } from './run-config.ts'

/** The first violation of each property; a process that stopped is one of ours that failed. */
export function judge(protocol: string, result: SimulationResult): readonly Violation[] {
  const stack = requireStack(protocol)
  return judgeBy(stack.properties, stack.checks, result, checkerOf(stack))
}

/** Judges properties by name. */
type Checker = (history: History, properties: readonly string[]) => readonly Violation[]

function checkerOf(stack: Stack): Checker {
  if (stack.abstraction === 'broadcast') return checkBroadcast
  return (history, properties) => checkRegister(history, properties, stack.consistency)
}

/** As {@link judge}, by the properties that are given instead of those that the protocol claims. */
export function judgeBy(
  properties: readonly string[],
  checks: Checks = {},
  { history, endless }: SimulationResult,
  check: Checker = checkBroadcast
): readonly Violation[] {
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
  for (const violation of [...check(history, properties), ...checkNaming(history)]) add(violation)
  for (const [property, own] of Object.entries(checks)) {
    for (const violation of checked(property, own, history)) add(violation)
  }
  return [...first.values()].sort((a, b) => a.at - b.at)
}

const withoutBound = (endless: 'events' | 'pending', n: number) =>
  endless === 'events'
    ? `more than ${RUN_EVENTS_MAX} events`
    : `more than ${runPendingMax(n)} messages and timers under way at once`

/** Somebody's own check may be wrong itself; then it is named instead. */
function checked(property: string, check: Checks[string], history: History): readonly Violation[] {
  try {
    return check(history).map((violation) => ({ ...violation, property }))
  } catch (error) {
    const detail = `its check failed: ${error instanceof Error ? error.message : String(error)}`
    return [{ property, detail, at: history.events.length }]
  }
}
