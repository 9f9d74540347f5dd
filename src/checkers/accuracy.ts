/** Accuracy: whoever names a process proven or certain of a fault is right. */
import { nameOf } from '../core/group.ts'
import type { History } from '../simulator/history.ts'
import type { Property } from './property.ts'
import type { Violation } from './violation.ts'

export const ACCURACY = {
  kind: 'safety',
  sentence: 'no correct process is named proven or certain of a fault'
} as const satisfies Property

export function checkAccuracy(history: History): Violation[] {
  const correct = new Set(history.correct)
  const violations: Violation[] = []
  history.events.forEach((event, at) => {
    if (event.kind !== 'fault' || !correct.has(event.process)) return
    const { process, kind, certainty, detail } = event.fault
    if (certainty === 'suspected' || !correct.has(process)) return
    const names = `${nameOf(history, event.process)} named the correct ${nameOf(history, process)}`
    violations.push({ property: 'accuracy', detail: `${names} ${certainty} of ${kind}: ${detail}`, at })
  })
  return violations
}
