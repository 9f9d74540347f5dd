/** What a failed operation says of itself: whether it certainly took no effect. */

export interface FailedOperation {
  readonly message: string
  /** It certainly took no effect; otherwise it may have taken one, or will. */
  readonly definite: boolean
  /** Too few members have answered in time. */
  readonly late: boolean
}

/** @throws what is thrown if it is no error of an operation: a bug, which nobody may take for an answer */
export function operationErrorOf(thrown: unknown): FailedOperation {
  if (!(thrown instanceof Error) || !('definite' in thrown) || typeof thrown.definite !== 'boolean')
    throw thrown
  return {
    message: thrown.message,
    definite: thrown.definite,
    late: thrown.name === 'TimeoutError'
  }
}
