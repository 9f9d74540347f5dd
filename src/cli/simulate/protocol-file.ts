/** A protocol in a file of somebody's own, for `simulate ./my-protocol.ts`. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AddedStack, addStack } from '../../laboratory/run-config.ts'
import { UsageError } from '../errors.ts'
import { oneLine } from '../output.ts'

/** Whether the operand is a path rather than the name of a protocol of ours. */
export function isProtocolFile(operand: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(operand)
}

/** Imports the file, which is to export a protocol by default, and makes it known by its name. @throws UsageError */
export async function loadProtocol(path: string): Promise<AddedStack> {
  let module: { readonly default?: unknown }
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown }
  } catch (error) {
    throw new UsageError(
      `${path} cannot be loaded: ${oneLine(error instanceof Error ? error.message : String(error))}`
    )
  }
  const stack = module.default
  if (!isStack(stack)) {
    throw new UsageError(
      `${path} exports no protocol: its default export is to be what broadcastProtocol() of byzkit/testing returns`
    )
  }
  addStack(stack)
  return stack
}

function isStack(value: unknown): value is AddedStack {
  if (typeof value !== 'object' || value === null) return false
  const { name, properties, landmarks, resilience, build } = value as { readonly [key: string]: unknown }
  return (
    typeof name === 'string' &&
    /^[a-z0-9][a-z0-9-]*$/.test(name) &&
    Array.isArray(properties) &&
    Array.isArray(landmarks) &&
    typeof resilience === 'object' &&
    typeof build === 'function'
  )
}
