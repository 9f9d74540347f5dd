/**
 * The services of a process's stack for its application, by their declarations: requests with their queues, what is
 * told and waits to be consumed. They outlive a start and a stop; what each life offers is asked for in `running`.
 */
import { AssertionError } from '../core/assert.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { shown } from '../core/parameters.ts'
import type { RequestDeclaration, ServiceDeclaration } from '../core/service.ts'
import { decode, encode, type Shape } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Services } from '../stacks/stack.ts'
import { IndicationQueue } from './indication-queue.ts'
import type { AnyService, ServiceRequests, Told } from './offered-service.ts'
import { definitely } from './operation-errors.ts'
import { request } from './operations.ts'
import { Requests, type Running, type Waiting } from './requests.ts'
import type { WaitOptions } from './waits.ts'

/** Where what a service tells goes. */
export interface Sink {
  tell(told: Told): void
  consume(options: WaitOptions): AsyncIterable<Told>
}

export interface OfferedServicesInit {
  /** The name of the stack, and what it offers. */
  readonly stack: { readonly name: string; readonly services: readonly ServiceDeclaration[] }
  /** @throws {NotStartedError} */
  readonly running: () => Running
  /** An input of the life that there is, soon; of none, nothing. */
  readonly soon: (handler: (services: Services) => void) => void
  /** Why nothing may be asked for here but what only reads; undefined if anything may. */
  readonly readOnly?: string | undefined
  /** Where what is told goes of services that have a place of their own for it, by name. */
  readonly sinks?: { readonly [service: string]: Sink }
  /** Who hears what is told beside the application, by the name of the service. */
  readonly listeners?: { readonly [service: string]: Pick<Sink, 'tell'> }
}

interface Offered {
  readonly declaration: ServiceDeclaration
  readonly requests: Requests
  readonly sink: Sink
}

type Listener = (...given: readonly PlainValue[]) => void

export class OfferedServices implements AnyService {
  /** What the stack tells its application. */
  readonly application: object
  readonly #init: OfferedServicesInit
  readonly #offered = new Map<string, Offered>()
  readonly #queues: IndicationQueue[] = []

  constructor(init: OfferedServicesInit) {
    this.#init = init
    const listeners: { [name: string]: Listener } = {}
    for (const declaration of init.stack.services) {
      const requests = new Requests(declaration, init.running, init.readOnly)
      const sink = init.sinks?.[declaration.name] ?? this.#queue(declaration)
      this.#offered.set(declaration.name, { declaration, requests, sink })
      for (const [name, fields] of Object.entries(declaration.indications))
        listeners[name] =
          name === declaration.admits
            ? () => requests.admit()
            : listener(name, Object.keys(fields), (told) => {
                init.listeners?.[declaration.name]?.tell(told)
                sink.tell(told)
              })
    }
    this.application = listeners
  }

  /** Requests of all services that wait because there is no room for them. */
  get waiting(): number {
    return this.#sum(({ waiting }) => waiting)
  }

  /** Requests of all services that are under way and somebody waits for. */
  get open(): number {
    return this.#sum(({ open }) => open)
  }

  /** Undefined if the stack does not offer it. */
  requests(service: string): Requests | undefined {
    return this.#offered.get(service)?.requests
  }

  /** @param given - what the method of the component takes, but for the callback */
  async ask<T>(
    declaration: ServiceDeclaration,
    name: string,
    given: readonly unknown[],
    waiting: Waiting
  ): Promise<T> {
    const requests = this.requests(declaration.name)
    if (requests === undefined) throw waiting.endings.refused(this.#notOffered(declaration))
    return requests.ask<T>(name, given, waiting)
  }

  service<const S extends ServiceDeclaration>(declaration: S): ServiceRequests<S> {
    const { requests } = this.#require(declaration)
    const methods = Object.entries(declaration.requests).map(([name, declared]) => {
      const what = `${declaration.name}.${name}`
      const method = async (given: unknown = {}, options = {}) =>
        requests.ask(name, positional(what, declared, given), request(what, options))
      return [name, method] as const
    })
    const made: object = Object.fromEntries(methods)
    return made as ServiceRequests<S>
  }

  indications<const S extends ServiceDeclaration>(
    declaration: S,
    options: WaitOptions = {}
  ): AsyncIterable<Told<S>> {
    return this.#require(declaration).sink.consume(options) as AsyncIterable<Told<S>>
  }

  /** A new life. */
  begin(): void {
    for (const { requests } of this.#offered.values()) requests.begin()
    for (const queue of this.#queues) queue.begin()
  }

  /** No life any more. @param cause - if it did not end by `stop` */
  end(reason: Error, cause?: Error): void {
    for (const { requests } of this.#offered.values()) requests.end(reason)
    for (const queue of this.#queues) queue.end(cause === undefined ? undefined : reason)
  }

  #queue({ name, requests, consumed }: ServiceDeclaration): IndicationQueue {
    const wanted = consumed === undefined ? undefined : Object.keys(requests[consumed]?.arguments ?? {})
    const queue = new IndicationQueue(
      wanted &&
        (({ values }) => {
          if (wanted.some((argument) => !Object.hasOwn(values, argument))) return
          const given = wanted.map((argument) => values[argument] ?? null)
          this.#init.soon((services) => {
            const component = services[name] as { readonly [name: string]: Listener } | undefined
            component?.[consumed as string]?.(...given)
          })
        })
    )
    this.#queues.push(queue)
    return queue
  }

  #sum(of: (requests: Requests) => number): number {
    return [...this.#offered.values()].reduce((total, { requests }) => total + of(requests), 0)
  }

  /** @throws InvalidParametersError */
  #require(declaration: ServiceDeclaration): Offered {
    const offered = this.#offered.get(declaration?.name)
    if (offered === undefined) throw this.#notOffered(declaration)
    return offered
  }

  #notOffered(declaration: ServiceDeclaration): InvalidParametersError {
    const { name } = this.#init.stack
    const names = [...this.#offered.keys()].join(', ')
    return new InvalidParametersError(
      `${name} offers no service ${shown(declaration?.name)}; it offers ${names}`
    )
  }
}

function listener(name: string, fields: readonly string[], tell: (told: Told) => void): Listener {
  return (...given) => {
    const values: { [name: string]: PlainValue } = {}
    for (const [at, field] of fields.entries()) values[field] = given[at] ?? null
    tell({ name, values })
  }
}

/**
 * What the method of the component takes: copies of what is given by name, which do not change any more.
 * @throws InvalidParametersError
 */
function positional(what: string, { arguments: fields, plain }: RequestDeclaration, given: unknown) {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(`${what}: expected its arguments by their names, not ${shown(given)}`)
  const names = Object.keys(fields)
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw wrong(`${what}: it takes no ${shown(unknown)}, but ${names.join(', ') || 'nothing'}`)
  const values = Object.entries(fields).map(([name, shape]) =>
    copied(`${what}: ${name}`, shape, (given as { readonly [name: string]: unknown })[name] ?? null)
  )
  return plain?.givenOf(values) ?? values
}

function copied(what: string, shape: Shape<PlainValue>, value: unknown): PlainValue {
  try {
    return decode(shape, encode(shape, value as PlainValue)) as PlainValue
  } catch (error) {
    // A shape says what it wants of what goes into it; of a value with nothing in it, nothing can be said but its kind.
    const wanted =
      error instanceof AssertionError
        ? error.message.replace('invariant violated: ', '')
        : `a ${shape.description.kind}, not ${shown(value)}`
    throw wrong(`${what}: expected ${wanted}`)
  }
}

const wrong = (detail: string) => definitely(new InvalidParametersError(detail))
