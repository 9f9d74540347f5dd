/** A protocol in a file of somebody's own, for `simulate ./my-protocol.ts`. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AddedStack, addStack } from '../../laboratory/run-config.ts'
import { UsageError } from '../../program/errors.ts'
import { fileError } from '../../program/files/read-file.ts'
import type { History } from '../../simulator/history.ts'
import { ownError, whyNotLoaded } from './own-error.ts'

/** Whether the operand is a path rather than the name of a protocol of ours. */
export function isProtocolFile(operand: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(operand)
}

/** Imports the file, and makes its protocol known to the laboratory by its name. @throws UsageError */
export async function loadProtocol(path: string): Promise<AddedStack> {
  const stack = withNamedChecks(await importProtocol(path))
  addStack(stack)
  return stack
}

/** Imports the file, which is to export a protocol by default: one that nodes run, at least. @throws UsageError */
export async function importProtocol(path: string): Promise<AddedStack> {
  let module: { readonly default?: unknown }
  // What it imports may be missing too, which is told otherwise.
  await stat(path).catch((error) => {
    throw fileError(path, 'cannot be read', error)
  })
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown }
  } catch (error) {
    throw new UsageError(`${path} cannot be loaded: ${await whyNotLoaded(path, error)}`)
  }
  const stack = module.default
  if (!isStack(stack)) {
    throw new UsageError(
      `${path} exports no protocol: its default export is to be what broadcastProtocol() or serviceProtocol() of byzkit/testing returns`
    )
  }
  return stack
}

/** A check that throws is named by the laboratory; here it says where, too. */
function withNamedChecks(stack: AddedStack): AddedStack {
  const { checks } = stack
  if (typeof checks !== 'object' || checks === null) return stack
  const named = Object.entries(checks).map(([property, check]) => {
    const judged = (history: History) => {
      try {
        return check(history)
      } catch (error) {
        throw new Error(ownError(error).text)
      }
    }
    return [property, judged] as const
  })
  const same = Object.create(Object.getPrototypeOf(stack))
  return Object.assign(same, stack, { checks: Object.fromEntries(named) })
}

function isStack(value: unknown): value is AddedStack {
  if (typeof value !== 'object' || value === null) return false
  const { name, abstraction, services, properties, landmarks, resilience, build } = value as {
    readonly [key: string]: unknown
  }
  return (
    typeof name === 'string' &&
    /^[a-z0-9][a-z0-9-]*$/.test(name) &&
    typeof abstraction === 'string' &&
    Array.isArray(services) &&
    Array.isArray(properties) &&
    Array.isArray(landmarks) &&
    typeof resilience === 'object' &&
    typeof build === 'function'
  )
}
