/** A stack on its carrier: its ports and what it builds on them. Both hosts, and a replay, put theirs together here. */
import type { Environment } from '../core/environment.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import { Ports, type SpokenPort } from '../links/ports.ts'
import type { ApplicationIndications, BroadcastInstance, Stack, StackOptions } from './stack.ts'

export interface StackInit {
  readonly env: Environment
  readonly stack: Stack
  readonly options: StackOptions
  /** What carries its messages, and indicates to it. */
  readonly connect: (indications: CarrierIndications) => Carrier
  readonly application: ApplicationIndications
}

export interface BuiltStack {
  /** The open ports, by number. */
  readonly spoken: readonly SpokenPort[]
  /** Their paths: what both ends of a session agree on. */
  readonly paths: readonly string[]
  readonly instance: BroadcastInstance
}

export function buildStack({ env, stack, options, connect, application }: StackInit): BuiltStack {
  const ports = new Ports(env, connect)
  const instance = stack.build(env, ports, options, application)
  return { spoken: ports.spoken, paths: ports.paths, instance }
}
