/**
 * What a member delivered, for the digest that is compared. It is copied while time is measured, and hashed after:
 * the price of checking is a copy.
 */
import { createHash } from 'node:crypto'

export class DeliveryRecord {
  readonly #slotBytes: number
  readonly #content: Uint8Array
  #filled = 0

  /** Room for `slots` deliveries of so many bytes. */
  constructor(slots: number, slotBytes: number) {
    this.#slotBytes = slotBytes
    this.#content = new Uint8Array(slots * slotBytes)
  }

  /** Deliveries so far; one that is no payload of this benchmark, or has no slot, makes the digest another. */
  get filled(): number {
    return this.#filled
  }

  put(slot: number, payload: Uint8Array): void {
    this.#filled++
    if (payload.length !== this.#slotBytes || (slot + 1) * this.#slotBytes > this.#content.length) return
    this.#content.set(payload, slot * this.#slotBytes)
  }

  /** In hexadecimal: of how many there were, and of all slots in their order. */
  digest(): string {
    return createHash('sha256').update(`${this.#filled}/`).update(this.#content).digest('hex')
  }
}
