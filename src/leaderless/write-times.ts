/**
 * The times of a store's puts: what its wall clock says, but never a time twice, and never one that is not after all
 * that the put has seen. So of two puts of one store the later one has the higher time, though both were asked for in
 * the same millisecond, or the clock was set back, or the process crashed in between: a time is reserved durably before
 * it is given.
 *
 * Clocks are the application's, and a wrong one is refused where it is read: a time near the end of the range would
 * leave none for the put that replaces it. From CLOCK_MS_MAX to TIME_MS_MAX there is room for those, one after the
 * other.
 *
 * Space: one number, on disk too.
 */
import { InvalidParametersError } from '../core/errors.ts'
import { isWithin, shown } from '../core/parameters.ts'
import { decode, encode, uint } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import { CLOCK_MS_MAX, TIME_MS_MAX, TIMES_RESERVED_MS } from './constants.ts'

const KEY = 'times'
const shape = uint(TIME_MS_MAX)

export class WriteTimes {
  readonly #store: StableStore
  readonly #clockMs: () => number
  #last = 0
  /** No time up to this one is given in a later life. */
  #reserved = 0

  constructor(store: StableStore, clockMs: () => number) {
    this.#store = store
    this.#clockMs = clockMs
    for (const [key, value] of store.restored(KEY)) if (key === '') this.#reserved = decode(shape, value) ?? 0
    this.#last = this.#reserved
  }

  /**
   * The time of a put that is asked for now.
   *
   * @param seen - the highest time of what it replaces
   * @throws InvalidParametersError if the clock gives no time, or none is left
   */
  next(seen: number): number {
    const now: unknown = this.#clockMs()
    const ms = typeof now === 'number' ? Math.floor(now) : now
    if (!isWithin(ms, 0, CLOCK_MS_MAX))
      throw new InvalidParametersError(
        `wallClockMs: expected 0 to ${CLOCK_MS_MAX} milliseconds, not ${shown(now)}`
      )
    const time = Math.max(ms, seen + 1, this.#last + 1)
    if (time > TIME_MS_MAX) throw new InvalidParametersError(`context: no time is left after ${time - 1}`)
    // What no clock says came from no store that keeps to this: it is answered, but not gone on from.
    if (seen <= CLOCK_MS_MAX) this.#last = time
    return time
  }

  /** To be called in the turn in which the put with that time leaves. */
  reserve(time: number): void {
    if (time <= this.#reserved || time > this.#last) return
    this.#reserved = Math.min(TIME_MS_MAX, time + TIMES_RESERVED_MS)
    this.#store.put(KEY, encode(shape, this.#reserved))
  }
}
