/** A stack on its ports. Both hosts, and a replay, build theirs here, and then attach it to a carrier. */
import type { Environment } from '../core/environment.ts'
import type { Model } from '../core/model.ts'
import type { ServiceDeclaration } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import { type AgreedPort, Ports } from '../links/ports.ts'
import type { AnyApplication, Stack, StackInstance, StackOptions } from './stack.ts'

/** What an application is told, and what it asks, follow from the stack. */
export interface StackInit<Application, Instance> {
  readonly env: Environment
  readonly stack: {
    readonly name: string
    /** Components that need more of it are refused; absent: none is. */
    readonly model?: Model
    readonly registers?: true
    readonly services: readonly ServiceDeclaration[]
    build(env: Environment, ports: Ports, options: StackOptions, application: Application): Instance
  }
  readonly options: StackOptions
  readonly application: Application
}

export interface BuiltStack<Instance> {
  /** The open ports, by number: what both ends of a session agree on. */
  readonly openPorts: readonly AgreedPort[]
  readonly instance: Instance
  /** What the carrier tells, which is given it when it is made. */
  readonly indications: CarrierIndications
  /** Called once, before the first turn: `carrier` carries its messages from now on. */
  attach(carrier: Carrier): void
}

/** Where components of the stack find its model, and are refused if they need more. */
export const inModel = (env: Environment, { model }: { readonly model?: Model }): Environment =>
  model === undefined ? env : { ...env, model }

/** @throws ModelError if a component needs more than the stack's model has */
export function buildStack<Application, Instance>({
  stack,
  options,
  application,
  ...init
}: StackInit<Application, Instance>): BuiltStack<Instance> {
  const env = inModel(init.env, stack)
  const ports = new Ports(env)
  const instance = stack.build(env, ports, options, application)
  const { openPorts, indications } = ports
  return { openPorts, instance, indications, attach: (carrier) => ports.attach(carrier) }
}

/**
 * An application that is done at once with whatever it is told, and says so where that is to be said.
 * @param goOn - it was told that something is the case, and nothing else: what was refused may be asked for again
 */
export function careless(
  services: readonly ServiceDeclaration[],
  ask: (service: string, name: string, values: readonly PlainValue[]) => void,
  goOn: () => void
): AnyApplication {
  const listeners = services.flatMap(({ name: service, requests, indications, consumed }) => {
    const done = consumed === undefined ? undefined : requests[consumed]
    return Object.entries(indications).map(([name, fields]) => {
      const names = Object.keys(fields)
      const wanted = Object.keys(done?.arguments ?? {})
      const answers = consumed !== undefined && wanted.every((argument) => names.includes(argument))
      const listen = (...values: readonly PlainValue[]) => {
        if (names.length === 0) goOn()
        else if (answers)
          ask(
            service,
            consumed,
            wanted.map((argument) => values[names.indexOf(argument)] ?? null)
          )
      }
      return [name, listen] as const
    })
  })
  const listener: object = Object.fromEntries(listeners)
  return listener as AnyApplication
}

/** Any stack, for those who care for nothing but its messages. */
export function buildDeaf(
  stack: Stack,
  env: Environment,
  ports: Ports,
  options: StackOptions
): StackInstance<object> {
  return stack.build(
    inModel(env, stack),
    ports,
    options,
    careless(
      stack.services,
      () => {},
      () => {}
    )
  )
}
