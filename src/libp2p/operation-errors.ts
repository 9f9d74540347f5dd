/** Errors of operations, matched by `name`. Each says whether the operation certainly took no effect. */
import type { WriteResult } from '../registers/register.ts'
import type { CommandOutcome } from '../replication/replies.ts'

export interface OperationErrorInit extends ErrorOptions {
  readonly definite: boolean
}

abstract class OperationError extends Error {
  /** It certainly took no effect; otherwise it may have taken one, or will. */
  readonly definite: boolean

  constructor(message: string, { definite, ...options }: OperationErrorInit) {
    super(message, options)
    this.definite = definite
  }
}

/** Its time was over, before a quorum had answered for one; or that of its signal, whose reason is `cause`. */
export class TimeoutError extends OperationError {
  override name = 'TimeoutError'
}

/** Its signal was aborted; `cause` is the signal's reason. */
export class AbortError extends OperationError {
  override name = 'AbortError'
}

/** The service was stopped, or its process stopped as in a crash; `cause` says which. */
export class OperationInterruptedError extends OperationError {
  override name = 'OperationInterruptedError'
}

/** Members refuse the write; or this writer has lost its store, and needs a new key. */
export class WriteRefusedError extends OperationError {
  override name = 'WriteRefusedError'
  readonly refusal: Extract<WriteResult, { written: false }>['refusal']

  constructor(refusal: WriteRefusedError['refusal']) {
    super(
      refusal === 'store lost'
        ? 'this writer has lost what it had stored, and does not write under this key any more: it needs a new one'
        : `members refuse the write: ${refusal}`,
      // Its own refusal comes before anything is sent; of the members', some may have kept the value.
      { definite: refusal === 'store lost' }
    )
    this.refusal = refusal
  }
}

const COMMAND_REFUSALS = {
  error: 'the machine refuses the command',
  busy: 'members have no room for the results of more commands of this client',
  'no-session': 'the session of this client was replaced, and nobody says whether the command was executed',
  closed: 'the session of this client was closed before the command was executed: it never is'
}

/** The machine has thrown at the command; or members did not execute it, or cannot say whether they did. */
export class CommandRefusedError extends OperationError {
  override name = 'CommandRefusedError'
  readonly refusal: Exclude<CommandOutcome['kind'], 'result'>

  constructor(refusal: CommandRefusedError['refusal']) {
    super(COMMAND_REFUSALS[refusal], { definite: refusal !== 'no-session' })
    this.refusal = refusal
  }
}

/** An error of ours about an operation that was never begun. */
export function definitely<E extends Error>(error: E): E & { readonly definite: true } {
  return Object.assign(error, { definite: true } as const)
}
