/**
 * How operations are waited for: each has a time and may have a signal, and its errors say whether it took no effect.
 */
import { CustomProgressEvent } from 'progress-events'
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import { shown } from '../core/parameters.ts'
import type { WriteResult } from '../registers/register.ts'
import { definitely, OperationInterruptedError, WriteRefusedError } from './operation-errors.ts'
import {
  OPERATION_TIMEOUT_MS,
  OPERATION_WAITERS_MAX,
  type OperationOptions,
  type Written
} from './register-service.ts'
import type { Endings, Waiting } from './requests.ts'
import type { PutOptions, ValueProgress } from './store-service.ts'
import { requireWait } from './waits.ts'

const OPERATION: Endings = {
  interrupted: (definite, cause) => new OperationInterruptedError(cause.message, { definite, cause }),
  refused: definitely,
  full: () => definitely(new WindowFullError(`${OPERATION_WAITERS_MAX} operations wait already`))
}

/** An operation on registers. @throws InvalidParametersError */
export const operation = (what: string, options: OperationOptions): Waiting =>
  waiting(what, options, 'found no quorum of members')

/** One whose value may be long. @throws InvalidParametersError */
export function longOperation(
  what: string,
  event: ValueProgress['type'],
  { onProgress, ...options }: PutOptions
): Waiting {
  if (onProgress === undefined) return operation(what, options)
  if (typeof onProgress !== 'function')
    throw definitely(new InvalidParametersError(`onProgress: expected a function, not ${shown(onProgress)}`))
  const progress = (bytes: number, total: number) =>
    onProgress(new CustomProgressEvent(event, { bytes, total }))
  return { ...operation(what, options), progress }
}

/** A command of a replicated machine. @throws InvalidParametersError */
export const command = (what: string, options: OperationOptions): Waiting =>
  waiting(what, options, 'found no f + 1 members with one reply')

/** A request of any service: why it does not return is not known. @throws InvalidParametersError */
export const request = (what: string, options: OperationOptions): Waiting =>
  waiting(what, options, 'has not returned')

function waiting(
  what: string,
  { signal, timeout = OPERATION_TIMEOUT_MS }: OperationOptions,
  late: string
): Waiting {
  const options = signal === undefined ? { timeout } : { signal, timeout }
  return { wait: requireWait({ what, late }, options), endings: OPERATION }
}

/** A copy: what is written must not change any more, and a Node Buffer becomes a plain byte string. */
export function ownBytes(value: Uint8Array, name = 'value'): Uint8Array {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw definitely(new InvalidParametersError(`${name}: expected a Uint8Array`))
}

/** @throws WriteRefusedError */
export function settledWrite(result: WriteResult): Written {
  if (result.written) return { timestamp: result.timestamp }
  throw new WriteRefusedError(result.refusal)
}
