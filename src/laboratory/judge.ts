/** What a run violates: the properties of its protocol, and what holds of every run. */
import { checkBroadcast } from '../checkers/broadcast.ts'
import type { Violation } from '../checkers/violation.ts'
import { RUN_EVENTS_MAX, type SimulationResult } from '../simulator/simulation.ts'
import { requireStack } from './run-config.ts'

/** The first violation of each property; a process that stopped is one of ours that failed. */
export function judge(protocol: string, { history, endless }: SimulationResult): readonly Violation[] {
  const first = new Map<string, Violation>()
  const add = (violation: Violation) => {
    if (!first.has(violation.property)) first.set(violation.property, violation)
  }
  history.events.forEach((event, at) => {
    if (event.kind !== 'stop' || !history.correct.includes(event.process)) return
    add({ property: 'no crash', detail: `member ${event.process} stopped: ${event.cause}`, at })
  })
  if (endless) {
    const detail = `the run does not come to rest within ${RUN_EVENTS_MAX} events`
    add({ property: 'quiescence', detail, at: history.events.length })
  }
  const { properties, checks = {} } = requireStack(protocol)
  for (const violation of checkBroadcast(history, properties)) add(violation)
  for (const check of Object.values(checks)) for (const violation of check(history)) add(violation)
  return [...first.values()].sort((a, b) => a.at - b.at)
}
