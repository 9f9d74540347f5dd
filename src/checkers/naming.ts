/**
 * Naming, the counterpart of accuracy: who lies to a correct process in a way that it can know is named by it, certain
 * or proven, for one of the faults that the lie is. Silence, delay and what cannot be told from them are named by
 * nobody; nor is a lie that did not reach a correct process.
 */
import { nameOf } from '../core/group.ts'
import type { History, HistoryEvent, Lie } from '../simulator/history.ts'
import type { Violation } from './violation.ts'

export function checkNaming(history: History): Violation[] {
  const { events, correct, lies = [] } = history
  return lies.flatMap((lie) => {
    const { process, liar, kinds, detail, at } = lie
    if (!correct.includes(process) || correct.includes(liar) || isNamed(lie, events)) return []
    const who = `${nameOf(history, process)} never named ${nameOf(history, liar)} for ${kinds.join(' or ')}`
    return [{ property: 'naming', detail: `${who}: it ${detail}`, at: Math.max(0, at - 1) }]
  })
}

/** In the life in which it was heard: before it, if it is not said twice, or after it. */
function isNamed({ process, liar, kinds, at }: Lie, events: readonly HistoryEvent[]): boolean {
  const ends = ({ process: other, kind }: HistoryEvent) =>
    other === process && (kind === 'crash' || kind === 'stop')
  const before = events.findLastIndex((event, index) => index < at && ends(event))
  const after = events.findIndex((event, index) => index >= at && ends(event))
  return events
    .slice(before + 1, after < 0 ? events.length : after)
    .some(
      (event) =>
        event.kind === 'fault' &&
        event.process === process &&
        event.fault.process === liar &&
        event.fault.certainty !== 'suspected' &&
        kinds.includes(event.fault.kind)
    )
}
