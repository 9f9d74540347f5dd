/**
 * The properties of registers, judged over the history of a run (CGR11 Modules 4.1 to 4.6).
 *
 * Validity is what the stack's consistency says it is: that of a safe or of a regular register. Ordering is what an atomic
 * register promises beyond a regular one; atomicity is linearizability, where several write.
 */
import { nameOf, type ProcessId } from '../core/group.ts'
import type { History, HistoryEvent } from '../simulator/history.ts'
import { checkBroadcast } from './broadcast.ts'
import { checkLinearizable } from './linearizability.ts'
import { registerModel } from './models.ts'
import type { HistoryVerdict, Operation } from './operations.ts'
import { checkRegular, checkSafe } from './regularity.ts'
import type { Violation } from './violation.ts'

type Invoke = Extract<HistoryEvent, { kind: 'invoke' }>

const model = registerModel()

/** What correct clients did, in the order in which they began; an operation that a crash cut off has no answer. */
export function operationsOf({ events, correct }: History): Operation[] {
  const operations = new Map<string, Operation>()
  events.forEach((event, at) => {
    if ((event.kind !== 'invoke' && event.kind !== 'return') || !correct.includes(event.process)) return
    const { process, number, f } = event
    const name = `${process}/${number}`
    if (event.kind === 'invoke')
      operations.set(name, {
        process,
        f,
        key: event.key,
        value: event.value,
        invoked: at,
        returned: undefined,
        outcome: 'info'
      })
    else {
      const operation = operations.get(name)
      if (operation === undefined) return
      const answer = f === 'read' ? { result: event.result } : {}
      operations.set(name, { ...operation, ...answer, returned: at, outcome: 'ok' })
    }
  })
  return [...operations.values()]
}

/** Judges the properties by name, in the order of the events that violate them. */
export function checkRegister(
  history: History,
  properties: readonly string[],
  consistency: 'safe' | 'regular' | 'atomic'
): Violation[] {
  const operations = operationsOf(history)
  const judged: { readonly [property: string]: () => readonly Violation[] } = {
    termination: () => termination(history),
    validity: () =>
      contradicted('validity', (consistency === 'safe' ? checkSafe : checkRegular)(operations, model)),
    ordering: () => contradicted('ordering', checkLinearizable(operations, model)),
    atomicity: () => contradicted('atomicity', checkLinearizable(operations, model)),
    accuracy: () => checkBroadcast(history, ['accuracy'])
  }
  const violations = properties.flatMap((property) => judged[property]?.() ?? [])
  // What is not even regular is not atomic: it is told by the stronger property's name only where it stands alone.
  const isInvalid = violations.some(({ property }) => property === 'validity')
  return violations
    .filter(({ property }) => !(isInvalid && property === 'ordering'))
    .sort((a, b) => a.at - b.at)
}

function contradicted(property: string, { contradiction }: HistoryVerdict): Violation[] {
  if (contradiction === undefined) return []
  const at = Math.max(...contradiction.operations.map(({ invoked, returned }) => returned ?? invoked))
  return [{ property, detail: contradiction.reason, at }]
}

/** Every operation of a client that went on to the end returns. */
function termination({ n, events, correct, complete }: History): Violation[] {
  if (!complete) return []
  const open = new Map<ProcessId, Invoke>()
  const last = new Map<ProcessId, Invoke>()
  const down = new Set<ProcessId>()
  for (const event of events) {
    if (event.kind === 'invoke') last.set(event.process, event)
    const begun = event.kind === 'invoke' || event.kind === 'resume' ? last.get(event.process) : undefined
    if (begun !== undefined) open.set(event.process, begun)
    if (event.kind === 'return') open.delete(event.process)
    else if (event.kind === 'crash' || event.kind === 'stop') {
      down.add(event.process)
      open.delete(event.process)
    } else if (event.kind === 'restart') down.delete(event.process)
  }
  return [...open]
    .filter(([process]) => correct.includes(process) && !down.has(process))
    .map(([process, { f, number }]) => ({
      property: 'termination',
      detail: `operation ${number} of ${nameOf({ n }, process)}, a ${f}, never returned`,
      at: events.length
    }))
}
