/**
 * The services of a stack, by their declarations: each request is an input that can be asked for again, each answer and
 * indication is seen. For the recorder, which writes the inputs down, and for a replay, which reads them.
 */
import { AssertionError } from '../core/assert.ts'
import { fromHex, toHex } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { named, type RequestDeclaration, type ServiceDeclaration, type Values } from '../core/service.ts'
import { decode, encode, type Fields, record } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import type { Services } from '../stacks/stack.ts'
import type { Input } from './recording-format.ts'

/** Runs `handler` as the input that is said. */
export type AsInput = <T>(input: Input, handler: () => T) => T

/** An operation of the application, by its number in this life. */
export interface Operation {
  readonly service: string
  readonly name: string
  readonly number: number
}

/** Who sees what passes between the stack and its application. */
export interface Witness {
  /** A request was taken. @param answer - what was known at once */
  asked(operation: Operation, values: Values, answer: PlainValue | undefined): void
  returned(operation: Operation, result: PlainValue): void
  indicated(name: string, values: readonly PlainValue[]): void
}

type Method = (...given: unknown[]) => unknown
type RequestInput = Extract<Input, { input: 'request' }>

/** A request as it is declared, of a service that is there. */
interface Declared {
  readonly service: string
  readonly name: string
  readonly request: RequestDeclaration
}

export class RecordedServices<S extends object> {
  readonly services: S
  readonly #asInput: AsInput
  readonly #witness: Witness
  readonly #declared = new Map<string, Declared>()
  /** Operations that were not refused. */
  #operations = 0
  /** Those that can be given up, by number, until they have returned: a life has more of them than can be kept. */
  readonly #open = new Map<number, OpenOperation>()

  constructor(services: S, declarations: readonly ServiceDeclaration[], asInput: AsInput, witness: Witness) {
    this.#asInput = asInput
    this.#witness = witness
    const wrapped: { [service: string]: object } = { ...(services as Services) }
    for (const { name: service, requests } of declarations) {
      const component = wrapped[service]
      if (component === undefined) continue
      const methods = new Map<PropertyKey, Method>()
      for (const [name, request] of Object.entries(requests)) {
        const declared = { service, name, request }
        this.#declared.set(`${service}.${name}`, declared)
        methods.set(name, (...given) => this.#request(declared, component, given))
      }
      wrapped[service] = watched(component, methods)
    }
    this.services = wrapped as S
  }

  /** Asks again for what was asked for. @returns what is wrong with the input */
  request({ service, name, arguments: encoded }: RequestInput): string | undefined {
    const request = this.#declared.get(`${service}.${name}`)?.request
    if (request === undefined) return `asks for ${service}.${name}, which the stack does not offer`
    const values = decode(record(request.arguments), fromHex(encoded))
    if (values === undefined) return `asks for ${service}.${name} with other arguments than it takes`
    const plain = Object.values(values)
    const method = Reflect.get(this.services as Services, service) as { [name: string]: Method }
    method[name]?.(...(request.plain?.givenOf(plain) ?? plain))
    return undefined
  }

  /** Gives up on an operation. @returns what is wrong with the input */
  abandon(operation: number): string | undefined {
    const open = this.#open.get(operation)
    if (open === undefined) return 'gives up on an operation that there is not'
    open.abandon()
    return undefined
  }

  #request({ service, name, request }: Declared, component: object, given: readonly unknown[]): unknown {
    const values = given.filter((value) => typeof value !== 'function')
    const returned = given.find((value) => typeof value === 'function') as Method | undefined
    const plain = named(request.arguments, request.plain?.valuesOf(values) ?? (values as PlainValue[]))
    const input = {
      input: 'request',
      service,
      name,
      arguments: encoded(service, name, request.arguments, plain)
    } as const
    return this.#asInput(input, () => {
      const number = this.#operations + 1
      const operation = { service, name, number }
      let isOver = false
      const method = Reflect.get(component, name) as Method
      if (request.result === undefined) return method.call(component, ...values)
      const result = method.call(component, ...values, (result: PlainValue) => {
        isOver = true
        this.#open.delete(number)
        this.#witness.returned(operation, result)
        returned?.(result)
      })
      this.#operations = number
      if (request.answer !== undefined) {
        this.#witness.asked(operation, plain, result as PlainValue)
        return result
      }
      const open = {
        // Of one that is over nobody gives up, so it is no input.
        abandon: () => {
          if (!this.#open.delete(number)) return
          this.#asInput({ input: 'abandon', operation: number }, () => (result as OpenOperation).abandon())
        }
      }
      if (!isOver) this.#open.set(number, open)
      this.#witness.asked(operation, plain, undefined)
      return open
    })
  }
}

/** The application of the stack, whose indications are seen. */
export function recordedApplication<A extends object>(
  application: A,
  witness: Pick<Witness, 'indicated'>
): A {
  const watching = Object.entries(application as { [name: string]: Method }).map(([name, indicate]) => {
    const seen: Method = (...values) => {
      witness.indicated(name, values as PlainValue[])
      return indicate(...values)
    }
    return [name, seen] as const
  })
  return Object.fromEntries(watching) as A
}

/** @throws InvalidParametersError if an argument is not as the service declares it */
function encoded(service: string, name: string, fields: Fields, values: Values): string {
  try {
    return toHex(encode(record(fields), values))
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error
    throw new InvalidParametersError(`${service}.${name}: ${error.message}`)
  }
}

/** The component with other methods in place of some. */
const watched = (component: object, methods: ReadonlyMap<PropertyKey, Method>): object =>
  new Proxy(component, {
    get(target, name) {
      const method = methods.get(name)
      if (method !== undefined) return method
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
