/**
 * How long to wait for an acknowledgement: the retransmission timeout of RFC 6298, by measured round trips. One
 * frame at a time is measured, and none that may have been retransmitted (Karn's algorithm); a timeout that was
 * too short stays doubled until a measurement says better. A clock that jumps spoils one measurement.
 */
import { RETRANSMIT_MAX_MS, RETRANSMIT_MIN_MS } from './constants.ts'

export class RoundTrip {
  #timeoutMs = RETRANSMIT_MIN_MS
  #smoothedMs: number | undefined
  #variationMs = 0
  /** The frame being measured and when it left. */
  #measured: { readonly sequence: number; readonly at: number } | undefined

  get timeoutMs(): number {
    return this.#timeoutMs
  }

  sent(sequence: number, now: number): void {
    this.#measured ??= { sequence, at: now }
  }

  acknowledged(ack: number, now: number): void {
    if (this.#measured === undefined || ack < this.#measured.sequence) return
    const sampleMs = Math.min(Math.max(now - this.#measured.at, 0), RETRANSMIT_MAX_MS)
    this.#measured = undefined
    const smoothedMs = this.#smoothedMs ?? sampleMs
    const deviationMs = this.#smoothedMs === undefined ? sampleMs / 2 : Math.abs(smoothedMs - sampleMs)
    this.#variationMs += (deviationMs - this.#variationMs) / (this.#smoothedMs === undefined ? 1 : 4)
    this.#smoothedMs = smoothedMs + (sampleMs - smoothedMs) / 8
    this.#settle(this.#smoothedMs + 4 * this.#variationMs)
  }

  /** The timeout has passed without an acknowledgement. */
  backOff(): void {
    this.#measured = undefined
    this.#settle(2 * this.#timeoutMs)
  }

  /** The connection is a new one: what was measured on the old one says little. */
  reset(): void {
    this.#measured = undefined
    this.#smoothedMs = undefined
    this.#settle(RETRANSMIT_MIN_MS)
  }

  #settle(ms: number): void {
    this.#timeoutMs = Math.min(Math.max(Math.ceil(ms), RETRANSMIT_MIN_MS), RETRANSMIT_MAX_MS)
  }
}
