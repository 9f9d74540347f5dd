/**
 * Proofs: who is named `proven` of a fault is, to whoever has the public keys; and it is the one whom the evidence is
 * about. It holds of every run, and is told as a violation of accuracy.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Evidence } from '../core/fault.ts'
import { type Group, nameOf, publicKeyOf } from '../core/group.ts'
import type { EvidenceVerdict } from '../exchange/evidence.ts'
import type { History } from '../simulator/history.ts'
import type { Violation } from './violation.ts'

/** @param verify - by public keys alone */
export function checkProofs(
  history: History,
  group: Group,
  verify: (evidence: Evidence) => EvidenceVerdict
): readonly Violation[] {
  const violations: Violation[] = []
  history.events.forEach((event, at) => {
    if (event.kind !== 'fault' || event.fault.certainty !== 'proven') return
    const { process, kind, evidence } = event.fault
    const problem = problemOf(evidence)
    if (problem === undefined) return
    const names = `${nameOf(history, event.process)} named ${nameOf(history, process)} proven of ${kind}`
    violations.push({ property: 'accuracy', detail: `${names}, and it is not: ${problem}`, at })

    function problemOf(shown: Evidence | undefined): string | undefined {
      if (shown === undefined) return 'there is no evidence'
      const verdict = verify(shown)
      if (!verdict.proven) return verdict.problem
      const named = publicKeyOf(group, process)
      return named !== undefined && sameBytes(named, verdict.accused)
        ? undefined
        : 'the evidence is about another process'
    }
  })
  return violations
}
