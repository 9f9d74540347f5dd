/**
 * One iteration over what a process tells its application, in one life of the process. Only one `next` waits at a time:
 * who asks for the next one has consumed the one before. It ends once: by the application that leaves, by its signal,
 * or with the life; whichever it was, the `next` that waits, or the first one that is asked for later, says so, and
 * from then on it is done.
 */
import { ConsumerBusyError } from './errors.ts'
import { type Awaited, givenUp, onGivenUp, type Wait } from './waits.ts'

const DONE: IteratorResult<never, undefined> = { done: true, value: undefined }

/** What a consumer takes from. */
export interface Source<T> {
  /** Nothing more comes in this life. */
  readonly ended: { readonly cause: Error | undefined } | undefined
  /** The first one that was not consumed, which the application is given with this; undefined if there is none now. */
  give(): T | undefined
  /** Nothing can be given: what waits for the application is to have what it has consumed already. */
  idle(): void
  consumed(item: T): void
  leave(consumer: Consumer<T>): void
}

export class Consumer<T> implements AsyncIterator<T, undefined> {
  readonly #source: Source<T>
  readonly #isOver: () => void
  #waiting: PromiseWithResolvers<IteratorResult<T, undefined>> | undefined
  /** What was given, with nothing asked for since. */
  #held: { readonly item: T } | undefined
  #left = false
  /** What ended it, to be said once. */
  #failure: { readonly cause: unknown } | undefined

  constructor(source: Source<T>, wait: Wait) {
    this.#source = source
    // It takes nothing back.
    this.#isOver = onGivenUp(wait, (why) => this.#leave({ cause: givenUp(wait, why, true) }))
  }

  /** Whether it is over; it may still have to say why. */
  get left(): boolean {
    return this.#left
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting !== undefined) {
      return Promise.reject(new ConsumerBusyError('the next one was asked for already'))
    }
    if (!this.#left) {
      if (this.#held !== undefined) this.#source.consumed(this.#held.item)
      this.#held = undefined
      const value = this.#source.give()
      if (value !== undefined) {
        this.#held = { item: value }
        return Promise.resolve({ done: false, value })
      }
    }
    if (!this.#left) {
      if (this.#source.ended === undefined) {
        this.#source.idle()
        this.#waiting = Promise.withResolvers()
        return this.#waiting.promise
      }
      this.end(this.#source.ended.cause)
    }
    const failure = this.#failure
    this.#failure = undefined
    return failure === undefined ? Promise.resolve(DONE) : Promise.reject(failure.cause)
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#leave(undefined)
    this.#failure = undefined
    return Promise.resolve(DONE)
  }

  /** Something was added to the source. */
  offer(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    const value = this.#source.give()
    if (value === undefined) {
      this.#source.idle()
      return
    }
    this.#waiting = undefined
    this.#held = { item: value }
    waiting.resolve({ done: false, value })
  }

  /** It goes no further: by what, if not because the process was stopped. */
  end(cause: Error | undefined): void {
    this.#leave(cause === undefined ? undefined : { cause })
  }

  #leave(failure: { readonly cause: unknown } | undefined): void {
    if (this.#left) return
    this.#left = true
    this.#failure = failure
    this.#isOver?.()
    this.#source.leave(this)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) return
    this.#failure = undefined
    if (failure === undefined) waiting.resolve(DONE)
    else waiting.reject(failure.cause)
  }
}

/** How an iteration is waited for: all of it. */
export const iteration: Awaited = { what: 'iteration', late: 'did not end' }
