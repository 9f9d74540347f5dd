/**
 * What both ends of a link must agree on: the paths of their stacks' ports, by number, and the stacks' bounds. A client
 * agrees with members on what it uses of them: on the ports that clients use, and on the bounds of the registers.
 */
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { encode, list, text } from '../core/shapes.ts'
import { silentObserver } from '../core/trace.ts'
import type { Authentication } from '../links/authenticator.ts'
import { PORTS_MAX, Ports, type SpokenPort } from '../links/ports.ts'
import { registerBounds } from '../registers/constants.ts'
import { type BuiltStack, buildDeaf } from './build.ts'
import { optionsInFull } from './options.ts'
import type { Stack, StackOptions } from './stack.ts'

const TERMS_MAX = PORTS_MAX + 16
const termsShape = list(text(256), TERMS_MAX)

export interface Terms {
  /** Between two members. */
  readonly members: readonly string[]
  /** Between a member and a client. */
  readonly clients: readonly string[]
}

/** The ports of a stack: the paths of all, by number, and of those that clients use. */
export type PortPaths = Pick<BuiltStack<unknown>, 'paths' | 'clientPaths'>

/** Two processes with other terms would misunderstand each other: a window that is larger at one end looks like a flood. */
export function terms(
  { paths, clientPaths }: PortPaths,
  options: StackOptions,
  authenticator: Authentication = 'hmac'
): Terms {
  // Each member's own are not agreed upon.
  const { windowBytesMax, registerMemoryBytesMax, bodyBytesTotalMax, ...agreed } = optionsInFull(options)
  const registers = registerBounds(options)
  const isOfRegisters = ([name]: Setting) => Object.hasOwn(registers, name)
  const all: Setting[] = Object.entries(agreed)
  // Where there are no registers, nothing is said of them.
  const settings = clientPaths.length > 0 ? all : all.filter((setting) => !isOfRegisters(setting))
  const last: Setting = ['authenticator', authenticator]
  return {
    members: [...paths, ...[...settings, last].map(written)],
    clients: [...clientPaths, ...[...all.filter(isOfRegisters), last].map(written)]
  }
}

type Setting = readonly [name: string, value: string | number | boolean]

const written = ([name, value]: Setting): string => `${name} = ${value}`

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
  const nowhere: Environment = {
    ...env,
    clock: { now: () => 0, setTimer: () => ({ cancel() {} }) },
    random: { bytes: (length) => new Uint8Array(length), below: () => 0 },
    observer: silentObserver,
    store: { put() {}, delete() {}, restored: () => [], read() {} },
    trigger() {},
    whenDurable() {},
    onTurnEnd() {}
  }
  const ports = new Ports(nowhere, () => ({ send() {} }))
  buildDeaf(stack, nowhere, ports, options)
  return ports
}

export function spokenPorts(env: Environment, stack: Stack, options: StackOptions): readonly SpokenPort[] {
  return portsOf(env, stack, options).spoken
}

export function portPaths(env: Environment, stack: Stack, options: StackOptions): PortPaths {
  return portsOf(env, stack, options)
}
