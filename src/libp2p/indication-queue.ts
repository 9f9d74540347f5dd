/**
 * What a service has told and the application has not consumed, in order. A service that is told what was consumed
 * keeps the rest back itself; of any other no more than {@link INDICATIONS_WAITING_MAX} wait, the last ones, and
 * whoever asks for those is told first that some are lost.
 */
import { Consumer, iteration, type Source } from './consumer.ts'
import { ConsumerBusyError, IndicationsLostError } from './errors.ts'
import type { Told } from './offered-service.ts'
import { requireWait, type WaitOptions } from './waits.ts'

/** How many indications of a service may wait for the application. */
export const INDICATIONS_WAITING_MAX = 1024

export class IndicationQueue implements Source<Told> {
  /** Tells the service that one was consumed; undefined: it does not want to know. */
  readonly #tellConsumed: ((told: Told) => void) | undefined
  #items: Told[] = []
  #lost = 0
  #consumer: Consumer<Told> | undefined
  #end: { readonly cause: Error | undefined } | undefined

  constructor(tellConsumed?: (told: Told) => void) {
    this.#tellConsumed = tellConsumed
  }

  tell(told: Told): void {
    this.#items.push(told)
    if (this.#tellConsumed === undefined && this.#items.length > INDICATIONS_WAITING_MAX) {
      this.#items.shift()
      this.#lost++
    }
    this.#consumer?.offer()
  }

  consume(options: WaitOptions): AsyncIterable<Told> {
    const wait = requireWait(iteration, options)
    return {
      [Symbol.asyncIterator]: () => {
        if (this.#consumer !== undefined) throw new ConsumerBusyError('indications have a consumer already')
        const consumer = new Consumer(this, wait)
        if (!consumer.left) this.#consumer = consumer
        return consumer
      }
    }
  }

  /** A new life. */
  begin(): void {
    this.#end = undefined
  }

  /** Nothing more comes in this life. */
  end(cause?: Error): void {
    this.#end = { cause }
    this.#items = []
    this.#lost = 0
    this.#consumer?.end(cause)
  }

  // For the consumer.

  get ended(): { readonly cause: Error | undefined } | undefined {
    return this.#end
  }

  give(): Told | undefined {
    if (this.#lost > 0) {
      const lost = this.#lost
      this.#lost = 0
      this.#consumer?.end(new IndicationsLostError(lost))
      return undefined
    }
    return this.#items[0]
  }

  idle(): void {}

  consumed(told: Told): void {
    // It may be among those that are lost since it was given.
    if (this.#items[0] !== told) return
    this.#items.shift()
    this.#tellConsumed?.(told)
  }

  leave(consumer: Consumer<Told>): void {
    if (this.#consumer === consumer) this.#consumer = undefined
  }
}
