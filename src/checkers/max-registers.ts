/**
 * The properties of a max-register, judged over the history of a run. Since values only grow, a history is linearizable
 * if and only if each read returns
 *
 * - a value to which somebody had begun to raise the register before the read returned, or the initial one;
 * - none below what an operation returned with before the read began, or before that raise did.
 */
import { nameOf } from '../core/group.ts'
import { maxRegisterService } from '../registers/max-register-service.ts'
import type { History } from '../simulator/history.ts'
import type { Judged, Properties } from './property.ts'
import type { Violation } from './violation.ts'

export const MAX_REGISTER_PROPERTIES = {
  termination: { kind: 'liveness', sentence: 'every operation of a correct process returns' },
  atomicity: {
    kind: 'safety',
    sentence: 'every operation takes effect at one moment between its invocation and its return'
  }
} as const satisfies Properties

interface Begun {
  readonly process: number
  readonly number: number
  readonly name: string
  /** The highest value that an operation had returned with when this one began. */
  readonly atLeast: number
}

export function checkMaxRegister(history: History, properties: readonly string[]): Violation[] {
  const { events, correct, complete } = history
  const violations: Violation[] = []
  const open = new Map<string, Begun>()
  /** What was there when somebody first began to raise it to the value. */
  const raised = new Map([[0, 0]])
  let highest = 0
  events.forEach((event, at) => {
    const { process } = event
    if (!correct.includes(process)) return
    if (event.kind === 'crash' || event.kind === 'stop')
      for (const [key, begun] of open) if (begun.process === process) open.delete(key)
    if ((event.kind !== 'invoke' && event.kind !== 'return') || event.service !== maxRegisterService.name)
      return
    const { name, number } = event
    const key = `${process}/${number}`
    if (event.kind === 'invoke') {
      open.set(key, { process, number, name, atLeast: highest })
      const to = Number(event.arguments.value)
      if (name === 'raise' && !raised.has(to)) raised.set(to, highest)
      return
    }
    const begun = open.get(key)
    const value = Number(event.result)
    open.delete(key)
    highest = Math.max(highest, value)
    if (begun === undefined || name === 'raise') return
    const who = `operation ${number} of ${nameOf(history, process)}, a read, returned ${value}`
    const tell = (why: string) => violations.push({ property: 'atomicity', detail: `${who}, ${why}`, at })
    const there = raised.get(value)
    if (there === undefined) tell('to which nobody had raised the register')
    else if (value < begun.atLeast) tell(`below ${begun.atLeast}, which was there when it began`)
    else if (value < there) tell(`to which nobody had raised the register before it was at ${there}`)
  })
  for (const { process, number, name } of complete ? open.values() : []) {
    const detail = `operation ${number} of ${nameOf(history, process)}, a ${name}, never returned`
    violations.push({ property: 'termination', detail, at: events.length })
  }
  return violations.filter(({ property }) => properties.includes(property))
}

export const judgedMaxRegisters: Judged = { properties: MAX_REGISTER_PROPERTIES, check: checkMaxRegister }
