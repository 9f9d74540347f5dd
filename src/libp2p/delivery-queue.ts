/**
 * What was delivered and not yet acknowledged by the application, in order. The delivery log below hands over no
 * more than the windows of all senders before it is acknowledged, so this is bounded by them: a consumer that asks
 * for nothing stops the senders, not this process.
 */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { Durability } from '../store/open-store.ts'
import { ConsumerBusyError } from './errors.ts'
import type { DeliveriesOptions } from './service.ts'

type Next = IteratorResult<Delivery, undefined>

const DONE: Next = { done: true, value: undefined }

export class DeliveryQueue {
  /** Tells the stack that everything up to and including a position was consumed. */
  readonly #acknowledge: (position: number) => void
  #items: Delivery[] = []
  /** What lies below was acknowledged; it is cut off now and then. */
  #head = 0
  /** The last position that was handed over in this life. */
  #last = -1
  /** Positions up to this one were consumed in an earlier life, as the application says. */
  #after = -1
  #durability: Durability = 'memory'
  #consumer: Consumer | undefined
  #end: { readonly cause: Error | undefined } | undefined

  constructor(acknowledge: (position: number) => void) {
    this.#acknowledge = acknowledge
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  /** @returns whether the application has not consumed it yet */
  push(delivery: Delivery): boolean {
    this.#last = delivery.position
    if (delivery.position <= this.#after) {
      this.#acknowledge(delivery.position)
      return false
    }
    this.#items.push(delivery)
    this.#consumer?.offer()
    return true
  }

  /** The application has consumed everything up to and including `position`. */
  acknowledge(position: number): void {
    if (!Number.isSafeInteger(position) || position < 0 || position > this.#last) {
      const last = this.#last < 0 ? 'nothing was' : `the last was ${this.#last}`
      throw new InvalidParametersError(`position: ${position} was not delivered yet; ${last}`)
    }
    const first = this.first()
    if (first === undefined || first.position > position) return
    // Positions have no holes.
    this.#drop(this.#head + position - first.position + 1)
    this.#consumer?.forget()
    this.#acknowledge(position)
  }

  consume({ after, signal }: DeliveriesOptions): AsyncIterable<Delivery> {
    if (after !== undefined && (!Number.isSafeInteger(after) || after < -1)) {
      throw new InvalidParametersError(`after: expected a position, or -1 for none, not ${after}`)
    }
    return {
      [Symbol.asyncIterator]: () => {
        if (this.#consumer !== undefined) throw new ConsumerBusyError('deliveries have a consumer already')
        if (after !== undefined) this.#skip(after)
        this.#consumer = new Consumer(this, signal)
        return this.#consumer
      }
    }
  }

  /** Nothing more comes in this life. */
  end(cause?: Error): void {
    this.#end = { cause }
    this.#items = []
    this.#head = 0
    this.#consumer?.offer()
  }

  /**
   * A new life. On disk, what was not acknowledged in the last one will be handed over again; in memory, positions
   * begin anew.
   */
  begin(durability: Durability): void {
    this.#durability = durability
    this.#end = undefined
    this.#last = -1
    this.#after = -1
  }

  // For the consumer.

  /** The first one; undefined if there is none now, or none any more. */
  first(): Delivery | undefined {
    return this.#items[this.#head]
  }

  get ended(): { readonly cause: Error | undefined } | undefined {
    return this.#end
  }

  /** The first one was consumed. */
  shift(): void {
    const item = this.#items[this.#head]
    if (item === undefined) return
    this.#drop(this.#head + 1)
    this.#acknowledge(item.position)
  }

  leave(consumer: Consumer): void {
    if (this.#consumer === consumer) this.#consumer = undefined
  }

  #skip(after: number): void {
    if (after > this.#last && this.#durability === 'memory') {
      const detail = `${after} is a position of another life: in memory, each begins again at 0`
      throw new InvalidParametersError(`after: ${detail}`)
    }
    if (after <= this.#after) return
    this.#after = after
    if (this.#last >= 0) this.acknowledge(Math.min(after, this.#last))
  }

  #drop(until: number): void {
    this.#head = until
    if (this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}

/** One iteration. Only one `next` waits at a time: who asks for the next one has consumed the one before. */
class Consumer implements AsyncIterator<Delivery, undefined> {
  readonly #queue: DeliveryQueue
  readonly #signal: AbortSignal | undefined
  #waiting: PromiseWithResolvers<Next> | undefined
  #left = false
  /** Whether the first one of the queue was given, and nothing asked for since. */
  holding = false

  constructor(queue: DeliveryQueue, signal: AbortSignal | undefined) {
    this.#queue = queue
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
  }

  next(): Promise<Next> {
    if (this.#waiting !== undefined) {
      return Promise.reject(new ConsumerBusyError('the next delivery was asked for already'))
    }
    if (this.#left) return Promise.resolve(DONE)
    if (this.#signal?.aborted === true) return this.#fail(this.#signal.reason)
    if (this.holding) this.#queue.shift()
    this.holding = false
    const value = this.#queue.first()
    if (value !== undefined) {
      this.holding = true
      return Promise.resolve({ done: false, value })
    }
    if (this.#queue.ended !== undefined) return this.#finish(this.#queue.ended.cause)
    this.#waiting = Promise.withResolvers()
    return this.#waiting.promise
  }

  return(): Promise<Next> {
    this.#leave()
    this.#waiting?.resolve(DONE)
    this.#waiting = undefined
    return Promise.resolve(DONE)
  }

  /** Something was added to the queue, or it has ended. */
  offer(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    waiting.resolve(this.next())
  }

  /** What was given was acknowledged otherwise. */
  forget(): void {
    this.holding = false
  }

  #finish(cause: Error | undefined): Promise<Next> {
    if (cause !== undefined) return this.#fail(cause)
    this.#leave()
    return Promise.resolve(DONE)
  }

  #fail(cause: unknown): Promise<never> {
    this.#leave()
    return Promise.reject(cause)
  }

  #leave(): void {
    this.#left = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#queue.leave(this)
  }

  readonly #onAbort = (): void => {
    this.#leave()
    this.#waiting?.reject(this.#signal?.reason)
    this.#waiting = undefined
  }
}
