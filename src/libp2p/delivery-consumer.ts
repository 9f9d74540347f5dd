/**
 * One iteration over deliveries, in one life of the member. Only one `next` waits at a time: who asks for the next one has
 * consumed the one before. It ends once: by the application that leaves, by its signal, or with the life; whichever it
 * was, the `next` that waits, or the first one that is asked for later, says so, and from then on it is done.
 */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { ConsumerBusyError } from './errors.ts'

type Next = IteratorResult<Delivery, undefined>

const DONE: Next = { done: true, value: undefined }

/** What a consumer takes from. */
export interface Deliveries {
  /** Nothing more comes in this life. */
  readonly ended: { readonly cause: Error | undefined } | undefined
  /** The first one beyond `after`, which the application is given with this; undefined if there is none now. */
  give(after: number): Delivery | undefined
  /** Everything up to that position was consumed. */
  consumed(position: number): void
  leave(consumer: Consumer): void
}

export class Consumer implements AsyncIterator<Delivery, undefined> {
  /** The application has consumed everything up to this position in earlier lives, as it says. */
  readonly after: number
  readonly #queue: Deliveries
  readonly #signal: AbortSignal | undefined
  #waiting: PromiseWithResolvers<Next> | undefined
  /** The position of what was given, with nothing asked for since. */
  #held: number | undefined
  #left = false
  /** What ended it, to be said once. */
  #failure: { readonly cause: unknown } | undefined

  constructor(queue: Deliveries, after: number, signal: AbortSignal | undefined) {
    this.#queue = queue
    this.after = after
    this.#signal = signal
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort)
  }

  /** Whether it is over; it may still have to say why. */
  get left(): boolean {
    return this.#left
  }

  next(): Promise<Next> {
    if (this.#waiting !== undefined) {
      return Promise.reject(new ConsumerBusyError('the next delivery was asked for already'))
    }
    if (!this.#left) {
      if (this.#held !== undefined) this.#queue.consumed(this.#held)
      this.#held = undefined
      const value = this.#queue.give(this.after)
      if (value !== undefined) {
        this.#held = value.position
        return Promise.resolve({ done: false, value })
      }
      if (this.#queue.ended === undefined) {
        // Nothing can be given: the senders may be waiting for what the application has had long ago.
        this.#queue.consumed(this.after)
        this.#waiting = Promise.withResolvers()
        return this.#waiting.promise
      }
      this.end(this.#queue.ended.cause)
    }
    const failure = this.#failure
    this.#failure = undefined
    return failure === undefined ? Promise.resolve(DONE) : Promise.reject(failure.cause)
  }

  return(): Promise<Next> {
    this.#leave(undefined)
    this.#failure = undefined
    return Promise.resolve(DONE)
  }

  /** Something was added to the queue. */
  offer(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    const value = this.#queue.give(this.after)
    if (value === undefined) {
      this.#queue.consumed(this.after)
      return
    }
    this.#waiting = undefined
    this.#held = value.position
    waiting.resolve({ done: false, value })
  }

  /** The life has ended: by what, if not by a stop. */
  end(cause: Error | undefined): void {
    this.#leave(cause === undefined ? undefined : { cause })
  }

  #leave(failure: { readonly cause: unknown } | undefined): void {
    if (this.#left) return
    this.#left = true
    this.#failure = failure
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#queue.leave(this)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) return
    this.#failure = undefined
    if (failure === undefined) waiting.resolve(DONE)
    else waiting.reject(failure.cause)
  }

  readonly #onAbort = (): void => {
    this.#leave({ cause: this.#signal?.reason })
  }
}
