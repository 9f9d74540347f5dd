/** An operation of a client, from its begin to its end: it is recorded, and an error of it becomes one line. */
import { InvalidParametersError } from '../../core/errors.ts'
import { OperationError } from '../errors.ts'
import type { RecordedOperation } from './history-recorder.ts'
import { operationErrorOf } from './operation-outcome.ts'

/** What a failed operation may have done: none, if it reads. */
export type Effect = (definite: boolean) => string

/** Whoever reads changes nothing. */
export const READS: Effect = () => ''

/** A write that was stored in the client's data folder is finished by its next life. */
export const WRITES: Effect = (definite) =>
  definite
    ? '; it took no effect'
    : '; it may take effect all the same, now or with the next write from this data folder'

/** What nothing is stored of at the client. */
export const WRITES_ONCE: Effect = (definite) =>
  definite ? '; it took no effect' : '; it may take effect all the same'

export interface Recorded<T> {
  readonly operation?: RecordedOperation | undefined
  /** Which members were reached, by now. */
  readonly reached: () => string
  readonly effect: Effect
  perform(): Promise<T>
  /** What was read, for the history. */
  answer?(result: T): string | null
}

/**
 * @throws {OperationError} in one line, which says how many members were reached if too few of them answered, and
 *   whether it may take effect
 * @throws {InvalidParametersError} if nobody was asked, since it cannot be
 */
export async function recorded<T>(of: Recorded<T>): Promise<T> {
  const { operation } = of
  let result: T
  try {
    result = await of.perform()
  } catch (error) {
    const { message, definite, late } = operationErrorOf(error)
    if (definite) operation?.fail()
    else operation?.info()
    if (error instanceof InvalidParametersError) throw error
    throw new OperationError(`${message}${late ? `: ${of.reached()}` : ''}${of.effect(definite)}`)
  }
  operation?.ok(of.answer?.(result))
  return result
}
