/**
 * What both ends of a link must agree on: the ports of their stacks, by number, each with its terms. A client agrees
 * with members on what it uses of them: on the ports that clients use.
 */
import type { Environment } from '../core/environment.ts'
import { emptyEnvironment } from '../core/environments.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { encode, list, text } from '../core/shapes.ts'
import type { Authentication } from '../links/authenticator.ts'
import { type AgreedPort, PORTS_MAX, Ports } from '../links/ports.ts'
import { buildDeaf } from './build.ts'
import type { Stack, StackOptions } from './stack.ts'

/** A path and its terms, for each port, and the authenticator. */
const TERMS_MAX = 8 * PORTS_MAX
const termsShape = list(text(256), TERMS_MAX)

export interface Terms {
  /** Between two members. */
  readonly members: readonly string[]
  /** Between a member and a client. */
  readonly clients: readonly string[]
}

/**
 * Two processes with other terms would misunderstand each other: a window that is larger at one end looks like a flood.
 */
export function terms(
  openPorts: readonly Pick<AgreedPort, 'path' | 'audience' | 'terms'>[],
  authenticator: Authentication = 'hmac'
): Terms {
  const written = (ports: typeof openPorts) => [
    ...ports.flatMap((port) => [port.path, ...Object.entries(port.terms).map(setting)]),
    setting(['authenticator', authenticator])
  ]
  return {
    members: written(openPorts),
    clients: written(openPorts.filter(({ audience }) => audience === 'everybody'))
  }
}

const setting = ([name, value]: readonly [name: string, value: string | number | boolean]): string =>
  `${name} = ${value}`

/** A hash of the terms with `peer`, which links compare at the handshake and bind into their session keys. */
export function fingerprint(env: Environment, { members, clients }: Terms, peer: ProcessId): Uint8Array {
  const { group, self, crypto } = env
  const agreed = isMember(group, self) && isMember(group, peer) ? members : clients
  return crypto.hash(encode(termsShape, agreed))
}

/**
 * The ports that `stack` opens, found by building it once with nothing around it: whatever it does meanwhile (sets a
 * timer, draws) leaves no trace in the process.
 */
export function portsOf(env: Environment, stack: Stack, options: StackOptions): Ports {
  const nowhere = emptyEnvironment(env)
  const ports = new Ports(nowhere)
  buildDeaf(stack, nowhere, ports, options)
  return ports
}

export function openPorts(env: Environment, stack: Stack, options: StackOptions): readonly AgreedPort[] {
  return portsOf(env, stack, options).openPorts
}
