/**
 * How long whoever asks for something waits for it: until its signal is aborted, or its time is over. The one fails
 * with an AbortError and the other with a TimeoutError, also where the time is that of an `AbortSignal.timeout`; both
 * say whether what was asked for certainly took no effect.
 */
import { InvalidParametersError } from '../core/errors.ts'
import { isWithin, shown } from '../core/parameters.ts'
import { AbortError, definitely, TimeoutError } from './operation-errors.ts'

/** The longest that may be set, in milliseconds: the longest time of a timer. */
export const WAIT_TIMEOUT_MS_MAX = 2 ** 31 - 1

export interface WaitOptions {
  /** Gives up: with an AbortError, or a TimeoutError if it was aborted by its own time. */
  signal?: AbortSignal
  /**
   * Gives up after so many milliseconds, with a TimeoutError: 1 to WAIT_TIMEOUT_MS_MAX, or Infinity, which is as long
   * as it takes. Default: Infinity, unless it says otherwise where it is taken.
   */
  timeout?: number
}

/** What is waited for, in words that an error is made of. */
export interface Awaited {
  /** Such as `read`. */
  readonly what: string
  /** What becomes of it in the time that it has, such as `found no quorum of members`. */
  readonly late: string
}

export interface Wait extends Awaited {
  readonly signal: AbortSignal | undefined
  /** Infinity: as long as it takes. */
  readonly timeoutMs: number
}

/** @throws InvalidParametersError, which says that nothing has begun */
export function requireWait(
  awaited: Awaited,
  { signal, timeout = Number.POSITIVE_INFINITY }: WaitOptions
): Wait {
  try {
    requireSignal(signal)
    if (timeout !== Number.POSITIVE_INFINITY && !isWithin(timeout, 1, WAIT_TIMEOUT_MS_MAX))
      throw new InvalidParametersError(
        `timeout: expected 1 to ${WAIT_TIMEOUT_MS_MAX} milliseconds, or Infinity, not ${shown(timeout)}`
      )
  } catch (error) {
    throw definitely(error as Error)
  }
  return { ...awaited, signal, timeoutMs: timeout }
}

/** By what it can do: a signal may be another realm's. @throws InvalidParametersError */
function requireSignal(signal: unknown): void {
  if (signal === undefined) return
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return
  throw new InvalidParametersError(`signal: expected an AbortSignal, not ${shown(signal)}`)
}

/** Why it is given up; `ms` if it was its own time that was over. */
export interface GivenUp {
  readonly reason: unknown
  readonly ms?: number
}

/**
 * Calls `giveUp` once it is to be given up: at once if its signal is aborted already.
 *
 * Not AbortSignal.any over an AbortSignal.timeout: these stay until they are collected, and a timer that ends with the
 * operation takes a twentieth of the time (3 µs of 50).
 *
 * @returns what ends the wait
 */
export function onGivenUp({ signal, timeoutMs }: Wait, giveUp: (why: GivenUp) => void): () => void {
  const onAbort = () => giveUp({ reason: signal?.reason })
  if (signal?.aborted === true) {
    onAbort()
    return () => {}
  }
  signal?.addEventListener('abort', onAbort)
  const timer =
    timeoutMs === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => giveUp({ reason: undefined, ms: timeoutMs }), timeoutMs)
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

/** @param definite - whether it certainly took no effect */
export function givenUp(
  { what, late }: Awaited,
  { reason, ms }: GivenUp,
  definite: boolean
): AbortError | TimeoutError {
  if (ms !== undefined) return new TimeoutError(`the ${what} ${late} within ${ms} ms`, { definite })
  const cause = reason
  // An error of the platform, or of whoever stands in between: by its name, as everywhere.
  return (reason as Partial<Error> | null | undefined)?.name === 'TimeoutError'
    ? new TimeoutError(`the ${what} ${late} in the time of its signal`, { definite, cause })
    : new AbortError(`the ${what} was aborted`, { definite, cause })
}
