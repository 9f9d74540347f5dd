/** The properties of a perfect failure detector, judged over the history of a run (CGR11 Module 2.6). */
import { nameOf, type ProcessId } from '../core/group.ts'
import { detectorService } from '../detectors/service.ts'
import type { History, HistoryEvent } from '../simulator/history.ts'
import type { Judged, Properties } from './property.ts'
import type { Violation } from './violation.ts'

export const DETECTOR_PROPERTIES = {
  'strong completeness': {
    kind: 'liveness',
    sentence: 'whoever crashes is detected for good by every correct process in the end'
  },
  'strong accuracy': { kind: 'safety', sentence: 'who is detected has crashed' }
} as const satisfies Properties

/** Who is detected by that event; undefined if it is of another kind. */
export function detectedBy(event: HistoryEvent): ProcessId | undefined {
  if (event.kind !== 'indicate' || event.service !== detectorService.name) return undefined
  const { member } = event.values
  return typeof member === 'number' ? member : undefined
}

export function checkDetector(history: History, properties: readonly string[]): Violation[] {
  const { n, correct, events, complete } = history
  const down = new Set<ProcessId>()
  const detected = new Set<string>()
  const violations: Violation[] = []
  events.forEach((event, at) => {
    const { process, kind } = event
    if (kind === 'crash' || kind === 'stop') down.add(process)
    if (kind === 'restart') down.delete(process)
    const member = detectedBy(event)
    if (member === undefined || !correct.includes(process)) return
    detected.add(`${process}/${member}`)
    if (down.has(member)) return
    const detail = `${nameOf(history, process)} detected ${nameOf(history, member)}, which had not crashed`
    violations.push({ property: 'strong accuracy', detail, at })
  })
  const up = correct.filter((process) => process < n && !down.has(process))
  for (const crashed of complete ? down : [])
    for (const process of up) {
      if (crashed >= n || detected.has(`${process}/${crashed}`)) continue
      const detail = `${nameOf(history, crashed)} crashed, and ${nameOf(history, process)} never detected it`
      violations.push({ property: 'strong completeness', detail, at: events.length })
    }
  return violations.filter(({ property }) => properties.includes(property))
}

export const judgedDetectors: Judged = { properties: DETECTOR_PROPERTIES, check: checkDetector }
