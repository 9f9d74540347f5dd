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

/**
 * Every operation returns, each by itself: a later one of its client says nothing of it. A crash of the client cuts off
 * what is under way, unless its next life goes on with it; so does that the client stays down.
 */
function termination({ n, events, correct, complete }: History): Violation[] {
  if (!complete) return []
  const invoked = new Map<string, Invoke>()
  const open = new Map<string, Invoke>()
  const cutOff = (process: ProcessId) => {
    for (const [name, invoke] of open) if (invoke.process === process) open.delete(name)
  }
  for (const event of events) {
    const { process, kind } = event
    if (kind === 'crash' || kind === 'stop') cutOff(process)
    if (kind !== 'invoke' && kind !== 'resume' && kind !== 'return') continue
    const name = `${process}/${event.number}`
    if (kind === 'invoke') invoked.set(name, event)
    const begun = invoked.get(name)
    if (kind === 'return') open.delete(name)
    else if (begun !== undefined) open.set(name, begun)
  }
  return [...open.values()]
    .filter(({ process }) => correct.includes(process))
    .map(({ process, f, number }) => ({
      property: 'termination',
      detail: `operation ${number} of ${nameOf({ n }, process)}, a ${f}, never returned`,
      at: events.length
    }))
}
