/**
 * The properties of registers, judged over the history of a run (CGR11 Modules 4.1 to 4.6).
 *
 * Validity is what the stack's consistency says it is: that of a safe or of a regular register. Ordering is what an
 * atomic register promises beyond a regular one; atomicity is linearizability, where several write.
 */
import { nameOf, type ProcessId } from '../core/group.ts'
import type { History } from '../simulator/history.ts'
import { ACCURACY, checkAccuracy } from './accuracy.ts'
import { checkLinearizable } from './linearizability.ts'
import { registerModel } from './models.ts'
import type { HistoryVerdict, Operation } from './operations.ts'
import type { Claims, Judged, Properties } from './property.ts'
import { type RegisterEvent, type RegisterHistory, registerHistory } from './register-history.ts'
import { checkRegular, checkSafe } from './regularity.ts'
import type { Violation } from './violation.ts'

type Invoke = Extract<RegisterEvent, { kind: 'invoke' }>

const model = registerModel()

/** CGR11, Modules 4.1 to 4.6. */
export const REGISTER_PROPERTIES = {
  termination: { kind: 'liveness', sentence: 'every operation of a correct process returns' },
  validity: {
    kind: 'safety',
    sentence:
      'a read that overlaps no write returns the last value written; of a regular register every read returns that value, or one being written'
  },
  ordering: {
    kind: 'safety',
    sentence: 'no read returns an older value than one that ended before it began'
  },
  atomicity: {
    kind: 'safety',
    sentence: 'every operation takes effect at one moment between its invocation and its return'
  },
  accuracy: ACCURACY
} as const satisfies Properties

type Consistency = 'safe' | 'regular' | 'atomic'

/** What correct clients did, in the order in which they began; an operation that a crash cut off has no answer. */
function operationsOf({ events, correct }: RegisterHistory): Operation[] {
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
  consistency: Consistency
): Violation[] {
  const viewed = registerHistory(history)
  const operations = operationsOf(viewed)
  const judged: { readonly [P in keyof typeof REGISTER_PROPERTIES]: () => readonly Violation[] } = {
    termination: () => [...termination(viewed), ...givenUp(viewed)],
    validity: () =>
      contradicted('validity', (consistency === 'safe' ? checkSafe : checkRegular)(operations, model)),
    ordering: () => contradicted('ordering', checkLinearizable(operations, model)),
    atomicity: () => contradicted('atomicity', checkLinearizable(operations, model)),
    accuracy: () => checkAccuracy(history)
  }
  const violations = properties.flatMap((property) => (isJudged(property) ? judged[property]() : []))
  // What is not even regular is not atomic: it is told by the stronger property's name only where it stands alone.
  const isInvalid = violations.some(({ property }) => property === 'validity')
  return violations
    .filter(({ property }) => !(isInvalid && property === 'ordering'))
    .sort((a, b) => a.at - b.at)
}

const isJudged = (property: string): property is keyof typeof REGISTER_PROPERTIES =>
  Object.hasOwn(REGISTER_PROPERTIES, property)

export const judgedRegisters: Judged<Claims & { readonly consistency: Consistency }> = {
  properties: REGISTER_PROPERTIES,
  check: (history, properties, { consistency }) => checkRegister(history, properties, consistency)
}

function contradicted(property: string, { contradiction }: HistoryVerdict): Violation[] {
  if (contradiction === undefined) return []
  const at = Math.max(...contradiction.operations.map(({ invoked, returned }) => returned ?? invoked))
  return [{ property, detail: contradiction.reason, at }]
}

/**
 * A write that was begun is finished, by the next life if need be: nothing leaves a writer before it is durable. What
 * somebody has read had left it; and where nothing was on its way to the disk in the crash, it was not complete either.
 * So the next life goes on with it, before it does anything else.
 */
function givenUp({ n, events, correct, complete, atRest }: RegisterHistory): Violation[] {
  if (atRest === undefined) return []
  const read = new Map<string, ProcessId>()
  for (const event of events)
    if (event.kind === 'return' && event.result !== null && correct.includes(event.process))
      read.set(event.result, event.process)
  const violations: Violation[] = []
  const last = new Map<ProcessId, Invoke>()
  /** The last one, if it is under way in this life. */
  const open = new Map<ProcessId, Invoke>()
  /** What the next life of a process is to go on with. */
  const owed = new Map<ProcessId, Invoke>()
  const tell = ({ process, number, value }: Invoke, at: number) => {
    const reader = nameOf({ n }, read.get(value ?? '') ?? process)
    const detail = `operation ${number} of ${nameOf({ n }, process)}, a write that ${reader} has read, is given up by the next life`
    violations.push({ property: 'termination', detail, at })
  }
  events.forEach((event, at) => {
    const { process, kind } = event
    if (!correct.includes(process)) return
    const due = owed.get(process)
    if (kind === 'invoke') {
      if (due !== undefined) tell(due, at)
      owed.delete(process)
      last.set(process, event)
      open.set(process, event)
    } else if (kind === 'resume') {
      owed.delete(process)
      const resumed = last.get(process)
      if (resumed !== undefined) open.set(process, resumed)
    } else if (kind === 'return') open.delete(process)
    else if (kind === 'crash') {
      const invoke = open.get(process) ?? due
      open.delete(process)
      if (atRest.has(event) && invoke?.f === 'write' && read.has(invoke.value ?? ''))
        owed.set(process, invoke)
      else owed.delete(process)
    }
  })
  if (complete) for (const [process, due] of owed) if (isUp(process, events)) tell(due, events.length)
  return violations
}

/** Whether the process has come back after its last crash. */
const isUp = (process: ProcessId, events: readonly RegisterEvent[]) =>
  events.findLast(
    (event) => event.process === process && (event.kind === 'crash' || event.kind === 'restart')
  )?.kind === 'restart'

/**
 * Every operation returns, each by itself: a later one of its client says nothing of it. A crash of the client cuts off
 * what is under way, unless its next life goes on with it; so does that the client stays down.
 */
function termination({ n, events, correct, complete }: RegisterHistory): Violation[] {
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
