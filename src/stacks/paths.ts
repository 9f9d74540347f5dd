/** The paths of a stack's ports, by number: what both ends of a link must agree on. */
import type { Environment } from '../core/environment.ts'
import { encode, list, text } from '../core/shapes.ts'
import { PORTS_MAX, Ports } from '../links/ports.ts'
import type { Stack, StackOptions } from './stack.ts'

const pathsShape = list(text(256), PORTS_MAX)

/** A hash of the paths, which links bind into their session keys. */
export function fingerprint(env: Environment, paths: readonly string[]): Uint8Array {
  return env.crypto.hash(encode(pathsShape, paths))
}

/** The paths that `stack` opens, found by building it once with nothing below and nothing stored. */
export function portPaths(env: Environment, stack: Stack, options: StackOptions): readonly string[] {
  const nowhere: Environment = {
    ...env,
    store: { put() {}, delete() {}, restored: () => [] },
    onTurnEnd() {}
  }
  const ports = new Ports(nowhere, () => ({ send() {} }))
  stack.build(nowhere, ports, options, { deliver() {}, ready() {} })
  return ports.paths
}
