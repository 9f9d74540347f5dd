/** Max-registers: clients raise and read what members keep, each of them several times at once. */
import { judgedMaxRegisters } from '../../checkers/max-registers.ts'
import type { ProcessId } from '../../core/group.ts'
import type { MaxRegister } from '../../registers/max-register.ts'
import { maxRegisterService } from '../../registers/max-register-service.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { Planned } from '../../simulator/schedule.ts'
import { MS } from '../../simulator/scheduler.ts'
import type { MaxRegisterStack } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction } from './abstraction.ts'
import { AskingAtOnce } from './asking-at-once.ts'

const { name: service } = maxRegisterService
const VALUES = 1000

export const maxRegisters: Abstraction<MaxRegisterStack> = {
  service: maxRegisterService,
  judged: judgedMaxRegisters,
  clients: 3,
  /** What clients ask for comes faster than it is answered. */
  rates({ draw, members, askedWithinMs }) {
    const operations = draw.between(4, 24)
    const withinMs = draw.pick([askedWithinMs, askedWithinMs / 10])
    return {
      slowLinks: draw.below(2) === 0,
      members,
      workload: {
        operationsMax: operations,
        requests: (process, _, random) =>
          process < members
            ? []
            : Array.from({ length: operations }, () => ({
                at: random.below(withinMs * MS),
                raises: random.below(2) === 0,
                value: 1 + random.below(VALUES)
              }))
                .sort((a, b) => a.at - b.at)
                .map(({ at, raises, value }, index) =>
                  request(process, index + 1, at, raises ? value : undefined)
                )
      }
    }
  },
  application: (stack, init) =>
    new AskingAtOnce<MaxRegister>(
      stack,
      init,
      maxRegisterService,
      (register, { name, arguments: given }) => ({
        name,
        arguments: given,
        begin: (returned) =>
          name === 'read' ? register.read(returned) : register.raise(given.value ?? 0, returned)
      })
    ),
  listen: (init) => new Lies(init),
  begun: (event) => (event.kind === 'invoke' ? `${event.process}/${event.number}` : undefined),
  ended: (event) => (event.kind === 'return' ? `${event.process}/${event.number}` : undefined),
  landmarks: (events) => (severalInFlight(events) ? ['several-in-flight'] : []),
  simplest: (members, clients) =>
    Array.from({ length: clients }, (_, client) =>
      request(members + client, 1, 0, client === 0 ? 1 : undefined)
    ),
  describe(event) {
    if (event.kind !== 'invoke' && event.kind !== 'return') return undefined
    const { name, number } = event
    if (event.kind === 'return') return `returns from ${number}: ${event.result}`
    return name === 'raise'
      ? `invokes ${number}: raise to ${event.arguments.value}`
      : `invokes ${number}: ${name}`
  },
  instanceOf: () => undefined
}

/** @param value - to raise to; undefined: it reads */
const request = (process: ProcessId, number: number, at: number, value: number | undefined): Planned => ({
  kind: 'request',
  process,
  number,
  at,
  service,
  name: value === undefined ? 'read' : 'raise',
  arguments: value === undefined ? {} : { value }
})

/** Whether some client had two operations open at once. */
function severalInFlight(events: readonly HistoryEvent[]): boolean {
  const open = new Map<ProcessId, number>()
  return events.some(({ process, kind }) => {
    const change = kind === 'invoke' ? 1 : kind === 'return' ? -1 : 0
    open.set(process, (open.get(process) ?? 0) + change)
    return (open.get(process) ?? 0) > 1
  })
}
