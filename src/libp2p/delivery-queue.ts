/**
 * What was delivered and not yet acknowledged by the application, in order. The delivery log below hands over no
 * more than the windows of all senders before it is acknowledged, so this is bounded by them: a consumer that asks
 * for nothing stops the senders, not this process.
 *
 * Nothing is acknowledged that the application was not given: by an iteration or as an event, in this life; or, on
 * disk, in an earlier one, as it says by `after`. What it says counts for its own iteration, and only once the position
 * that it names has come: whoever named a wrong one may leave and name another.
 */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { isWithin, shown } from '../core/parameters.ts'
import type { Durability } from '../store/open-store.ts'
import { Consumer, iteration, type Source } from './consumer.ts'
import { ConsumerBusyError } from './errors.ts'
import type { DeliveriesOptions } from './service.ts'
import { requireWait } from './waits.ts'

export class DeliveryQueue implements Source<Delivery> {
  /** Tells the stack that everything up to and including a position was consumed. */
  readonly #acknowledge: (position: number) => void
  #items: Delivery[] = []
  /** What lies below was acknowledged; it is cut off now and then. */
  #head = 0
  /** The last position that was handed over in this life. */
  #last = -1
  /** The last position that the application was given in this life. */
  #given = -1
  /** The last position that was acknowledged in this life. */
  #acknowledged = -1
  /** The first position that no earlier life had; undefined if that is not known. */
  #next: number | undefined
  #durability: Durability = 'memory'
  #consumer: Consumer<Delivery> | undefined
  /** The application has consumed everything up to this position in earlier lives, as its consumer says. */
  #after = -1
  #end: { readonly cause: Error | undefined } | undefined

  constructor(acknowledge: (position: number) => void) {
    this.#acknowledge = acknowledge
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  /** Whether somebody iterates. */
  get hasConsumer(): boolean {
    return this.#consumer !== undefined
  }

  /** @returns whether the application has not consumed it yet */
  push(delivery: Delivery): boolean {
    const { position } = delivery
    this.#last = position
    this.#items.push(delivery)
    const isNew = this.#consumer === undefined || position > this.#after
    this.#consumer?.offer()
    return isNew
  }

  /** The application is told of that delivery otherwise: as an event. */
  told(position: number): void {
    this.#given = Math.max(this.#given, position)
  }

  /** The application has consumed everything up to and including `position`. */
  acknowledge(position: number): void {
    if (!isWithin(position, 0, this.#given)) {
      const last = this.#given < 0 ? 'nothing was' : `the last was ${this.#given}`
      throw new InvalidParametersError(`position: ${shown(position)} was not delivered yet; ${last}`)
    }
    this.#consumedUpTo(position)
  }

  consume({ after = -1, ...options }: DeliveriesOptions): AsyncIterable<Delivery> {
    if (!isWithin(after, -1, Number.MAX_SAFE_INTEGER)) {
      throw new InvalidParametersError(`after: expected a position, or -1 for none, not ${shown(after)}`)
    }
    const wait = requireWait(iteration, options)
    return {
      [Symbol.asyncIterator]: () => {
        if (this.#consumer !== undefined) throw new ConsumerBusyError('deliveries have a consumer already')
        this.#requirePosition(after)
        const consumer = new Consumer(this, wait)
        if (consumer.left) return consumer
        this.#consumer = consumer
        this.#after = after
        return consumer
      }
    }
  }

  /** Nothing more comes in this life. */
  end(cause?: Error): void {
    this.#end = { cause }
    this.#items = []
    this.#head = 0
    this.#consumer?.end(cause)
  }

  /**
   * A new life. On disk, what was not acknowledged in the last one will be handed over again; in memory, positions
   * begin anew.
   *
   * @param next - the first position that no life has had, if that is known
   */
  begin(durability: Durability, next?: number): void {
    this.#durability = durability
    this.#next = next
    this.#end = undefined
    this.#last = -1
    this.#given = -1
    this.#acknowledged = -1
  }

  // For the consumer.

  get ended(): { readonly cause: Error | undefined } | undefined {
    return this.#end
  }

  give(): Delivery | undefined {
    const first = this.#items[this.#head]
    if (first === undefined) return undefined
    // Positions have no holes.
    const item = this.#items[this.#head + Math.max(0, this.#after + 1 - first.position)]
    if (item !== undefined) this.told(item.position)
    return item
  }

  consumed({ position }: Delivery): void {
    this.#consumedUpTo(position)
  }

  /** The senders may be waiting for what the application has had long ago. */
  idle(): void {
    this.#consumedUpTo(this.#after)
  }

  leave(consumer: Consumer<Delivery>): void {
    if (this.#consumer === consumer) this.#consumer = undefined
  }

  /** Everything up to that position was consumed; what of it did not come in this life is another time's. */
  #consumedUpTo(position: number): void {
    const first = this.#items[this.#head]
    if (first === undefined || position < first.position || position > this.#last) return
    this.#drop(this.#head + position - first.position + 1)
    this.#acknowledged = position
    this.#acknowledge(position)
  }

  /** @throws InvalidParametersError for a position that the application cannot have got to, or that it is beyond */
  #requirePosition(after: number): void {
    if (after > this.#last && this.#durability === 'memory') {
      const detail = `${after} is a position of another life: in memory, each begins again at 0`
      throw new InvalidParametersError(`after: ${detail}`)
    }
    const next = Math.max(this.#next ?? Number.POSITIVE_INFINITY, this.#last + 1)
    if (after >= next)
      throw new InvalidParametersError(
        `after: ${after} was not delivered yet, in no life; the next is ${next}`
      )
    if (after >= 0 && after < this.#acknowledged)
      throw new InvalidParametersError(
        `after: ${this.#acknowledged} was acknowledged in this life, and what comes after ${after} is gone`
      )
  }

  #drop(until: number): void {
    this.#head = until
    if (this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
