/**
 * The abstraction of a service that somebody brings: what the laboratory knows of it follows from its declaration, and
 * from what its applications are said to ask for.
 */
import { ACCURACY, checkAccuracy } from '../../checkers/accuracy.ts'
import type { Judged, Properties } from '../../checkers/property.ts'
import type { Violation } from '../../checkers/violation.ts'
import { WindowFullError } from '../../core/errors.ts'
import { nameOf, type ProcessId } from '../../core/group.ts'
import type { Process } from '../../core/process.ts'
import { named, type RequestDeclaration, type ServiceDeclaration } from '../../core/service.ts'
import type { Fields } from '../../core/shapes.ts'
import type { PlainValue } from '../../core/trace.ts'
import { buildLife } from '../../recording/recorder.ts'
import type { Application, ApplicationInit, LifeStack, Request } from '../../simulator/application.ts'
import type { History, HistoryEvent, ServiceEvent } from '../../simulator/history.ts'
import type { Planned } from '../../simulator/schedule.ts'
import { MS } from '../../simulator/scheduler.ts'
import { SeededRandom } from '../../simulator/seeded-random.ts'
import type { BuiltStack, StackInit } from '../../stacks/build.ts'
import type { AnyApplication, OwnStack, StackInstance } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction } from './abstraction.ts'

/** One request: numbers by the names of its arguments; `bytes`: so many drawn ones stand for each that takes bytes. */
export interface Ask {
  readonly name: string
  readonly arguments?: { readonly [name: string]: number }
}

export interface DeclaredInit {
  readonly service: ServiceDeclaration
  /** Processes that are no members, and ask. Default: none. */
  readonly clients?: number
  /** What the application of one process asks for in a run, in this order; clients are numbered from `members` on. */
  asks(process: ProcessId, draw: SeededRandom, members: number): readonly Ask[]
}

/** The most that one process asks for, as far as crashes at its returns go. */
const OPERATIONS_MAX = 64

export function declaredAbstraction({ service, clients = 0, asks }: DeclaredInit): Abstraction<OwnStack> {
  const returns = (name: string) => service.requests[name]?.result !== undefined
  return {
    service,
    judged: judged(service.name, returns),
    clients,
    rates: ({ members, askedWithinMs }) => ({
      members,
      workload: {
        operationsMax: OPERATIONS_MAX,
        requests(process, isByzantine, random) {
          if (isByzantine) return []
          const asked = asks(process, random, members)
          const times = asked.map(() => random.below(askedWithinMs * MS)).sort((a, b) => a - b)
          return asked.map((ask, index) =>
            planned(service.name, process, index + 1, times[index] as number, ask)
          )
        }
      }
    }),
    application: (stack, init) => new DeclaredApplication(service, stack, init),
    listen: (init) => new Lies(init),
    begun: (event) =>
      event.kind === 'invoke' && returns(event.name) ? `${event.process}/${event.number}` : undefined,
    ended: (event) => (event.kind === 'return' ? `${event.process}/${event.number}` : undefined),
    landmarks: () => [],
    simplest: (members, clients) =>
      Array.from({ length: members + clients }, (_, process) => {
        const [first] = asks(process, new SeededRandom(0, `simplest/${process}`), members)
        return first === undefined ? [] : [planned(service.name, process, 1, 0, first)]
      }).flat(),
    describe: describeDeclared,
    instanceOf: () => undefined
  }
}

const planned = (
  service: string,
  process: ProcessId,
  number: number,
  at: number,
  { name, arguments: given = {} }: Ask
): Planned => ({ kind: 'request', process, number, at, service, name, arguments: given })

/** What a service tells, in the words of its declaration. */
export function describeDeclared(
  event: HistoryEvent,
  shown: (value: PlainValue) => string
): string | undefined {
  const all = (values: { readonly [name: string]: PlainValue }) =>
    Object.entries(values)
      .map(([name, value]) => ` ${name} ${shown(value)}`)
      .join(',')
  if (event.kind === 'invoke') return `invokes ${event.number}: ${event.name}${all(event.arguments)}`
  if (event.kind === 'return') return `returns from ${event.number}: ${shown(event.result)}`
  return event.kind === 'indicate' ? `is told ${event.name}${all(event.values)}` : undefined
}

const PROPERTIES = {
  termination: { kind: 'liveness', sentence: 'every request of a correct process that has a result returns' },
  accuracy: ACCURACY
} as const satisfies Properties

const judged = (service: string, returns: (name: string) => boolean): Judged<OwnStack> => ({
  properties: PROPERTIES,
  check: (history, properties) =>
    [...unreturned(history, service, returns), ...checkAccuracy(history)].filter(({ property }) =>
      properties.includes(property)
    )
})

function unreturned(history: History, service: string, returns: (name: string) => boolean): Violation[] {
  const { events, correct, complete } = history
  if (!complete) return []
  const open = new Map<string, Extract<HistoryEvent, { kind: 'invoke' }>>()
  for (const event of events) {
    const { process, kind } = event
    // What a crash interrupts has no answer.
    if (kind === 'crash' || kind === 'stop')
      for (const [key, begun] of open) if (begun.process === process) open.delete(key)
    if (kind === 'return') open.delete(`${process}/${event.number}`)
    if (kind !== 'invoke' || event.service !== service || !returns(event.name)) continue
    if (correct.includes(process)) open.set(`${process}/${event.number}`, event)
  }
  return [...open.values()].map(({ process, number, name }) => ({
    property: 'termination',
    detail: `request ${number} of ${nameOf(history, process)}, ${name}, never returned`,
    at: events.length
  }))
}

type Method = (...given: readonly unknown[]) => unknown

/** The values of a request's arguments, made of what is planned, and of the bytes that are drawn for it. */
export type ValuesOf = (request: Request, payload: Uint8Array, fields: Fields) => readonly PlainValue[]

const drawnValues: ValuesOf = ({ arguments: planned }, payload, fields) =>
  Object.entries(fields).map(([field, { description }]) =>
    description.kind === 'bytes' ? payload : (planned[field] ?? 0)
  )

/** Asks for what is planned as soon as it is admitted, tells all that passes, and is done with what it is told. */
export class DeclaredApplication implements Application {
  readonly #service: ServiceDeclaration
  readonly #stack: StackInit<AnyApplication, StackInstance>['stack']
  readonly #init: ApplicationInit
  readonly #valuesOf: ValuesOf
  readonly #wanted: { readonly request: Request; readonly payload: Uint8Array }[] = []
  #running: { readonly process: Pick<Process, 'input'>; readonly component: object } | undefined
  #operations = 0
  #indications = 0

  constructor(
    service: ServiceDeclaration,
    stack: StackInit<AnyApplication, StackInstance>['stack'],
    init: ApplicationInit,
    valuesOf = drawnValues
  ) {
    this.#valuesOf = valuesOf
    this.#service = service
    this.#stack = stack
    this.#init = init
  }

  build(life: LifeStack, process: Pick<Process, 'input'>): BuiltStack<StackInstance> {
    const { name: service, indications, admits } = this.#service
    const listeners = Object.entries(indications).map(([name, fields]) => {
      const told = (...given: readonly PlainValue[]) => this.#told(name, named(fields, given))
      return [name, name === admits ? () => this.#askWanted() : told] as const
    })
    const application: object = Object.fromEntries(listeners)
    const built = buildLife(
      { ...life, stack: this.#stack, application: application as AnyApplication },
      this.#init.recordLife?.(life.env.incarnation)
    )
    const component = built.instance.services[service]
    if (component !== undefined) this.#running = { process, component }
    return built
  }

  began(): void {
    this.#askWanted()
  }

  ended(): void {
    this.#running = undefined
  }

  ask(request: Request, payload: Uint8Array): boolean {
    if (request.service !== this.#service.name) return false
    if (!Object.hasOwn(this.#service.requests, request.name)) return false
    this.#wanted.push({ request, payload })
    this.#askWanted()
    return true
  }

  #askWanted(): void {
    for (let [next] = this.#wanted; next !== undefined; [next] = this.#wanted) {
      if (!this.#ask(next.request, next.payload)) return
      this.#wanted.shift()
    }
  }

  /** @returns false if it is not admitted now */
  #ask(request: Request, payload: Uint8Array): boolean {
    const running = this.#running
    if (running === undefined) return false
    const { name } = request
    const { name: service, requests, admits } = this.#service
    const { arguments: fields, plain, result, answer } = requests[name] as RequestDeclaration
    const values = this.#valuesOf(request, payload, fields)
    const number = this.#operations + 1
    const returned = (value: PlainValue) => {
      if (this.#running !== running) return
      this.#tell({ kind: 'return', service, name, number, result: value })
      this.#init.onReturn(number)
      if (admits === undefined) this.#askWanted()
    }
    const { component, process } = running
    const method = Reflect.get(component, name) as Method
    let taken: unknown
    try {
      const given = plain?.givenOf(values) ?? values
      taken = method.call(component, ...given, ...(result === undefined ? [] : [returned]))
    } catch (error) {
      if (error instanceof WindowFullError) return false
      throw error
    }
    this.#operations = number
    const known = answer === undefined ? {} : { answer: taken as PlainValue }
    this.#tell({ kind: 'invoke', service, name, number, arguments: named(fields, values), ...known })
    process.input(() => {})
    return true
  }

  #told(name: string, values: { readonly [name: string]: PlainValue }): void {
    const { name: service, requests, consumed } = this.#service
    this.#tell({ kind: 'indicate', service, name, values })
    const running = this.#running
    const wanted = consumed === undefined ? undefined : Object.keys(requests[consumed]?.arguments ?? {})
    if (running === undefined || wanted?.every((argument) => Object.hasOwn(values, argument)) !== true) return
    const { self, scheduler, precedence, choices } = this.#init
    const consume = () => {
      if (this.#running !== running) return
      const method = Reflect.get(running.component, consumed as string) as Method
      running.process.input(
        () => void method.call(running.component, ...wanted.map((argument) => values[argument]))
      )
    }
    scheduler.after(choices.consume(self, ++this.#indications), consume, precedence)
  }

  #tell(event: ServiceEvent): void {
    this.#init.record({ time: this.#init.scheduler.now, process: this.#init.self, ...event })
  }
}
