/** A stack on its carrier: its ports and what it builds on them. Both hosts, and a replay, put theirs together here. */
import type { Environment } from '../core/environment.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import { Ports, type SpokenPort } from '../links/ports.ts'
import type { ApplicationIndications, ResumedWrites, Stack, StackInstance, StackOptions } from './stack.ts'

/** What an application is told, and what it asks, follow from the stack. */
export interface StackInit<Application, Instance> {
  readonly env: Environment
  readonly stack: {
    readonly name: string
    readonly registers?: true
    build(env: Environment, ports: Ports, options: StackOptions, application: Application): Instance
  }
  readonly options: StackOptions
  /** What carries its messages, and indicates to it. */
  readonly connect: (indications: CarrierIndications) => Carrier
  readonly application: Application
}

export interface BuiltStack<Instance> {
  /** The open ports, by number. */
  readonly spoken: readonly SpokenPort[]
  /** Their paths: what both ends of a session agree on. */
  readonly paths: readonly string[]
  /** Of these, those that clients use. */
  readonly clientPaths: readonly string[]
  readonly instance: Instance
}

export function buildStack<Application, Instance>({
  env,
  stack,
  options,
  connect,
  application
}: StackInit<Application, Instance>): BuiltStack<Instance> {
  const ports = new Ports(env, connect)
  const instance = stack.build(env, ports, options, application)
  const { spoken, paths, clientPaths } = ports
  return { spoken, paths, clientPaths, instance }
}

/** An application that does not listen. */
const deaf: ApplicationIndications & ResumedWrites = { deliver() {}, ready() {}, resumed() {} }

/** Any stack, for those who care for nothing but its messages. */
export function buildDeaf(
  stack: Stack,
  env: Environment,
  ports: Ports,
  options: StackOptions
): StackInstance {
  return stack.build(env, ports, options, deaf)
}
