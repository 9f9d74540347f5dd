/** The bounds of a stack, with the defaults of those that were not set; and what they may be set to. */
import { BROADCAST_PAYLOAD_BYTES_MAX, withDefaults } from '../broadcast/constants.ts'
import {
  BATCH_COMMANDS_MAX,
  BATCHES_RETAINED_MAX,
  CHECKPOINT_EVERY_MAX,
  VIEW_TIMEOUT_LIMIT_MS
} from '../consensus/pbft/constants.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { requireKnown, requireWithin, shown } from '../core/parameters.ts'
import { LINK_UNACKED_BYTES_MAX } from '../links/constants.ts'
import { registerBounds, SIGNED_VALUE_BYTES_MAX } from '../registers/constants.ts'
import {
  POOL_IDLE_COMMANDS_MAX,
  replicaBounds,
  SESSION_POOL_MAX,
  SESSION_WINDOW_MAX,
  STATE_BYTES_MAX
} from '../replication/constants.ts'
import type { StackOptions } from './stack.ts'

export function optionsInFull(options: StackOptions): Required<StackOptions> {
  return { ...withDefaults(options), ...registerBounds(options), ...replicaBounds(options) }
}

/** The most that `windowInstances` may be: all of them are open at every member, for each sender. */
export const WINDOW_INSTANCES_MAX = 64 * 1024

type Check = (name: string, value: unknown) => void

const within =
  (min: number, max: number, unit: string): Check =>
  (name, value) => {
    if (value !== undefined) requireWithin(name, value, min, max, unit)
  }

const CHECKS: { readonly [K in keyof Required<StackOptions>]: Check } = {
  windowInstances: within(1, WINDOW_INSTANCES_MAX, 'instances'),
  windowBytesMax: within(1, LINK_UNACKED_BYTES_MAX, 'bytes'),
  payloadBytesMax: within(1, BROADCAST_PAYLOAD_BYTES_MAX, 'bytes'),
  retentionCountMax: within(0, Number.MAX_SAFE_INTEGER, 'instances'),
  retentionBytesMax: within(0, Number.MAX_SAFE_INTEGER, 'bytes'),
  valueBytesMax: within(0, SIGNED_VALUE_BYTES_MAX, 'bytes'),
  registersPerOwnerMax: within(1, Number.MAX_SAFE_INTEGER, 'registers'),
  registerBytesPerOwnerMax: within(0, Number.MAX_SAFE_INTEGER, 'bytes'),
  registerMemoryBytesMax: within(0, Number.MAX_SAFE_INTEGER, 'bytes'),
  bodyBytesTotalMax: within(0, Number.MAX_SAFE_INTEGER, 'bytes'),
  checkpointEvery: within(1, CHECKPOINT_EVERY_MAX, 'batches'),
  batchCommandsMax: within(1, BATCH_COMMANDS_MAX, 'commands'),
  batchesRetained: within(0, BATCHES_RETAINED_MAX, 'batches'),
  viewTimeoutMinMs: within(1, VIEW_TIMEOUT_LIMIT_MS, 'milliseconds'),
  viewTimeoutMaxMs: within(1, VIEW_TIMEOUT_LIMIT_MS, 'milliseconds'),
  verificationsPerTurn: within(1, BATCH_COMMANDS_MAX, 'signatures'),
  pushBytesMax: within(0, LINK_UNACKED_BYTES_MAX / 4, 'bytes'),
  writtenBytesPerTurn: within(1, STATE_BYTES_MAX, 'bytes'),
  sessionWindow: within(1, SESSION_WINDOW_MAX, 'commands'),
  sessionPool: within(1, SESSION_POOL_MAX, 'sessions'),
  poolIdleCommands: within(0, POOL_IDLE_COMMANDS_MAX, 'commands')
}

/** Of all stacks, and of what live members keep beside theirs. */
export const OPTION_NAMES: readonly string[] = Object.keys(CHECKS)

/** What is wrong with the options in a file, in one line; undefined if nothing is. */
export function optionsProblem(options: unknown): string | undefined {
  try {
    requireOptions('options', options)
    return undefined
  } catch (error) {
    if (error instanceof InvalidParametersError) return error.message
    throw error
  }
}

/** @throws InvalidParametersError that names the option which an application has set to what cannot be */
export function requireOptions(what: string, options: unknown): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null)
    throw new InvalidParametersError(`${what}: expected an object, not ${shown(options)}`)
  requireKnown(what, options, OPTION_NAMES)
  for (const [name, value] of Object.entries(options)) {
    CHECKS[name as keyof typeof CHECKS](`${what}.${name}`, value)
  }
}
