/** What both ends of a link must agree on: the paths of their stacks' ports, by number, and the stacks' bounds. */
import type { Environment } from '../core/environment.ts'
import { encode, list, text } from '../core/shapes.ts'
import { silentObserver } from '../core/trace.ts'
import type { Authentication } from '../links/authenticator.ts'
import { PORTS_MAX, Ports, type SpokenPort } from '../links/ports.ts'
import { buildDeaf } from './build.ts'
import { optionsInFull } from './options.ts'
import type { Stack, StackOptions } from './stack.ts'

const TERMS_MAX = PORTS_MAX + 16
const termsShape = list(text(256), TERMS_MAX)

/** Two members with other terms would misunderstand each other: a window that is larger at one end looks like a flood. */
export function terms(
  paths: readonly string[],
  options: StackOptions,
  authenticator: Authentication = 'hmac'
): readonly string[] {
  const { windowBytesMax: _, ...agreed } = optionsInFull(options)
  const settings = { ...agreed, authenticator }
  return [...paths, ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`)]
}

/** A hash of the terms, which links compare at the handshake and bind into their session keys. */
export function fingerprint(env: Environment, agreed: readonly string[]): Uint8Array {
  return env.crypto.hash(encode(termsShape, agreed))
}

/**
 * The ports that `stack` opens, found by building it once with nothing around it: whatever it does meanwhile (sets a
 * timer, draws) leaves no trace in the process.
 */
export function spokenPorts(env: Environment, stack: Stack, options: StackOptions): readonly SpokenPort[] {
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
  return ports.spoken
}

export function portPaths(env: Environment, stack: Stack, options: StackOptions): readonly string[] {
  return spokenPorts(env, stack, options).map(({ path }) => path)
}
