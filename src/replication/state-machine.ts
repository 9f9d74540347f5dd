/**
 * What a replicated machine is to its author: a deterministic function of a command and of the managed state, which it
 * changes. Whatever it throws is an answer like another one, the same at all members, and leaves the state as it was.
 */
import { AssertionError } from '../core/assert.ts'
import { toHex } from '../core/bytes.ts'
import { RESULT_BYTES_MAX } from './constants.ts'
import type { ManagedState, StateMap } from './managed-state.ts'

export interface CommandContext {
  readonly state: ManagedState
  /** The public key of who asks for it, 32 bytes: it has signed the command. */
  readonly client: Uint8Array
  /** Where the command stands in the order of all: the number of its batch, and which one it is in that, from 0 on. */
  readonly sequence: number
  readonly index: number
  /** An agreed time, milliseconds; 0 as long as nobody supplies one. */
  readonly timeMs: number
  /** 32 bytes, equal at all members. Whoever is primary knows them beforehand: never for secrets. */
  readonly random: Uint8Array
}

export interface StateMachine {
  /**
   * It keeps nothing but what is in `context.state`, and reads no clock, no random number and no file.
   * @returns the result, at most RESULT_BYTES_MAX bytes
   * @throws anything: an answer without a text, and nothing has changed
   */
  apply(command: Uint8Array, context: CommandContext): Uint8Array
}

/** The machine could not say what comes of a command, and other members may: this one stops. */
export class MachineError extends Error {
  override name = 'MachineError'
}

export type Outcome = {
  /** Whether the machine returned or threw. */
  readonly kind: 'result' | 'error'
  /** Nothing, of an error. */
  readonly result: Uint8Array
}

/**
 * @throws MachineError if the process has come to an end of its own: its stack, or its memory. Where that is, is no
 * matter of the command, and differs from member to member.
 */
export function applyCommand(
  machine: StateMachine,
  command: Uint8Array,
  context: CommandContext & { readonly state: StateMap }
): Outcome {
  try {
    const result = context.state.attempt(() => resultOf(machine.apply(command.slice(), context)))
    return { kind: 'result', result }
  } catch (error) {
    if (!isOfProcess(error)) return { kind: 'error', result: new Uint8Array() }
    const { sequence, index, client } = context
    throw new MachineError(
      `the machine failed at command ${index} of batch ${sequence}, of client ${toHex(client)}: ${String(error)}`,
      { cause: error }
    )
  }
}

function resultOf(result: Uint8Array): Uint8Array {
  if (!(result instanceof Uint8Array) || result.length > RESULT_BYTES_MAX)
    throw new RangeError(`a result is bytes, at most ${RESULT_BYTES_MAX}`)
  return result.slice()
}

/** Engines tell it by a RangeError with a text of their own, Firefox by an InternalError. */
function isOfProcess(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (
    error instanceof AssertionError ||
    error.name === 'InternalError' ||
    (error instanceof RangeError &&
      /call stack|recursion|allocation failed|out of memory/i.test(error.message))
  )
}
