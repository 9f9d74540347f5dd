/**
 * What one application has consumed, by position. Across a crash the same comes again under its position, and is known
 * by it; what else comes there is news, and bad news.
 */
import type { Delivery } from '../../broadcast/delivery-log.ts'
import { toHex } from '../../core/bytes.ts'

export class Consumed {
  readonly #names = new Map<number, string>()

  /** Whether it is told for the first time: from then on it is not. */
  isNews(delivery: Delivery): boolean {
    const name = nameOf(delivery)
    if (this.#names.get(delivery.position) === name) return false
    this.#names.set(delivery.position, name)
    return true
  }
}

/** What is delivered, whatever its position. */
export const nameOf = (delivery: Delivery): string =>
  delivery.type === 'gap'
    ? `gap ${delivery.sender} ${delivery.from} ${delivery.to}`
    : `${delivery.sender} ${delivery.sequence} ${toHex(delivery.payload)}`
