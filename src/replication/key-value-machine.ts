/**
 * A key-value store as a replicated machine. A command is a list of operations, which take effect together and in their
 * order; and of conditions, values that must be there before: if one is not, none of the operations takes effect, and
 * the answers are what was found in place of them. A compare-and-set is a put with a condition.
 *
 * Keys and values are bytes; keys are listed in the order of their bytes.
 */
import { compareBytes, sameBytes } from '../core/bytes.ts'
import { bool, bytes, decode, encode, list, optional, record, uint, type ValueOf } from '../core/shapes.ts'
import { COMMAND_BYTES_MAX } from './constants.ts'
import type { ManagedState } from './managed-state.ts'
import type { CommandContext, StateMachine } from './state-machine.ts'

/** The longest key, bytes. */
const PAIR_KEY_BYTES_MAX = 512

/** The longest value, bytes: with a key and a signature it fits a command, and by itself a result. */
export const PAIR_VALUE_BYTES_MAX = 32 * 1024

/** Conditions, and operations, of one command. */
const COMMAND_OPERATIONS_MAX = 64

/** Keys that one operation lists. */
export const LISTED_KEYS_MAX = 100

const TYPES = ['get', 'put', 'append', 'delete', 'list'] as const

const key = bytes(PAIR_KEY_BYTES_MAX)
const value = bytes(PAIR_VALUE_BYTES_MAX)

const commandShape = record({
  conditions: list(record({ key, value: optional(value) }), COMMAND_OPERATIONS_MAX),
  operations: list(
    record({
      type: uint(TYPES.length - 1),
      key,
      /** What is put or appended; of a list the key after which it begins. */
      value
    }),
    COMMAND_OPERATIONS_MAX
  )
})

const answerShape = record({
  /** Whether a get found something, a delete deleted something, and a list is complete; of others true. */
  done: bool,
  value: optional(value),
  keys: list(key, LISTED_KEYS_MAX)
})

const resultShape = record({ applied: bool, answers: list(answerShape, COMMAND_OPERATIONS_MAX) })

export interface Condition {
  readonly key: Uint8Array
  /** Null: there must be nothing. */
  readonly value: Uint8Array | null
}

export type PairOperation =
  | { readonly type: 'get' | 'delete'; readonly key: Uint8Array }
  | { readonly type: 'put' | 'append'; readonly key: Uint8Array; readonly value: Uint8Array }
  /** Keys that begin with `prefix`, from the first one after `after` on, at most LISTED_KEYS_MAX. */
  | { readonly type: 'list'; readonly prefix: Uint8Array; readonly after: Uint8Array }

/** A command as it was written. */
export type PairCommand = {
  readonly operations: readonly PairOperation[]
  readonly conditions: readonly Condition[]
}

export type PairAnswer = ValueOf<typeof answerShape>
export type PairResult = ValueOf<typeof resultShape>

/**
 * A command of the key-value machine. @throws AssertionError if something is longer than its bound
 */
export function pairCommand(
  operations: readonly PairOperation[],
  conditions: readonly Condition[] = []
): Uint8Array {
  return encode(commandShape, {
    conditions,
    operations: operations.map((operation) => {
      const type = TYPES.indexOf(operation.type)
      if (operation.type === 'list') return { type, key: operation.prefix, value: operation.after }
      return { type, key: operation.key, value: 'value' in operation ? operation.value : new Uint8Array() }
    })
  })
}

/** What `pairCommand` has made; undefined of anything else. */
export function readPairCommand(command: Uint8Array): PairCommand | undefined {
  const read = decode(commandShape, command)
  return read && { conditions: read.conditions, operations: read.operations.map(plainOf) }
}

/** What came of a command: an answer for each operation; or, if it was not applied, for each condition. */
export const readPairResult = (result: Uint8Array): PairResult | undefined => decode(resultShape, result)

export class KeyValueMachine implements StateMachine {
  /** @throws Error if it is no command, a value would become too long, or the answers are more than a result holds */
  apply(command: Uint8Array, { state }: CommandContext): Uint8Array {
    const read = command.length > COMMAND_BYTES_MAX ? undefined : decode(commandShape, command)
    if (read === undefined) throw new TypeError('no command of the key-value machine')
    const { conditions, operations } = read
    const applied = conditions.every((condition) => holds(state, condition))
    const answers = applied
      ? operations.map((operation) => answerTo(state, operation))
      : conditions.map(({ key }) => found(state, key))
    return encode(resultShape, { applied, answers })
  }
}

type Operation = ValueOf<typeof commandShape>['operations'][number]

function plainOf({ type, key, value }: Operation): PairOperation {
  const name = TYPES[type] ?? 'get'
  if (name === 'list') return { type: name, prefix: key, after: value }
  return name === 'put' || name === 'append' ? { type: name, key, value } : { type: name, key }
}

function holds(state: ManagedState, { key, value }: Condition): boolean {
  const there = state.get(key)
  return there === undefined || value === null
    ? there === undefined && value === null
    : sameBytes(there, value)
}

function answerTo(state: ManagedState, { type, key, value }: Operation): PairAnswer {
  switch (TYPES[type]) {
    case 'get':
      return found(state, key)
    case 'put':
      state.set(key, value)
      return DONE
    case 'append': {
      const before = state.get(key) ?? new Uint8Array()
      const after = new Uint8Array(before.length + value.length)
      if (after.length > PAIR_VALUE_BYTES_MAX) throw new RangeError('a value that is too long')
      after.set(before)
      after.set(value, before.length)
      state.set(key, after)
      return DONE
    }
    case 'delete':
      return { ...DONE, done: state.delete(key) }
    default:
      return listed(state, key, value)
  }
}

const DONE: PairAnswer = { done: true, value: null, keys: [] }

function found(state: ManagedState, key: Uint8Array): PairAnswer {
  const value = state.get(key)
  return { done: value !== undefined, value: value ?? null, keys: [] }
}

function listed(state: ManagedState, prefix: Uint8Array, after: Uint8Array): PairAnswer {
  const keys: Uint8Array[] = []
  for (const [key] of state.range(compareBytes(after, prefix) > 0 ? after : prefix)) {
    if (after.length > 0 && sameBytes(key, after)) continue
    if (!sameBytes(key.subarray(0, prefix.length), prefix)) break
    if (keys.length === LISTED_KEYS_MAX) return { done: false, value: null, keys }
    keys.push(key)
  }
  return { done: true, value: null, keys }
}
