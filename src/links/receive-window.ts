/**
 * The receiving half of a session, as data: which frames have arrived, and those that wait for an earlier one.
 * Everything up to `received` has been delivered, so one number is the whole memory of the past.
 */
import { LINK_FRAMES_IN_FLIGHT, LINK_REORDER_BYTES_MAX } from './constants.ts'

/**
 * - `new`: may be accepted, once authenticated
 * - `duplicate`: has arrived already
 * - `no-room`: waits for an earlier frame and there is no room to keep it; it will come again
 * - `beyond`: outside what a correct sender numbers: 0, or further ahead than its window reaches
 */
export type Admission = 'new' | 'duplicate' | 'no-room' | 'beyond'

interface Waiting {
  readonly messages: readonly Uint8Array[]
  readonly bytes: number
}

export class ReceiveWindow {
  #received = 0
  readonly #waiting = new Map<number, Waiting>()
  #waitingBytes = 0

  get received(): number {
    return this.#received
  }

  get waiting(): readonly number[] {
    return [...this.#waiting.keys()].sort((a, b) => a - b)
  }

  get bytes(): number {
    return this.#waitingBytes
  }

  /** What is to be done with a frame of that number and size. A sender holds at most a window unacknowledged. */
  admits(sequence: number, bytes: number): Admission {
    if (sequence === 0) return 'beyond'
    if (sequence <= this.#received || this.#waiting.has(sequence)) return 'duplicate'
    if (sequence > this.#received + LINK_FRAMES_IN_FLIGHT) return 'beyond'
    const next = sequence === this.#received + 1
    return next || this.#waitingBytes + bytes <= LINK_REORDER_BYTES_MAX ? 'new' : 'no-room'
  }

  /** Takes an authenticated frame that was admitted as new, and hands on every batch that is now in order. */
  accept(
    sequence: number,
    messages: readonly Uint8Array[],
    bytes: number,
    deliver: (messages: readonly Uint8Array[]) => void
  ): void {
    if (sequence !== this.#received + 1) {
      // Of their own: what they are views of may be much more.
      this.#waiting.set(sequence, { messages: messages.map((message) => message.slice()), bytes })
      this.#waitingBytes += bytes
      return
    }
    this.#received = sequence
    deliver(messages)
    let next = this.#waiting.get(this.#received + 1)
    while (next !== undefined) {
      this.#waiting.delete(++this.#received)
      this.#waitingBytes -= next.bytes
      deliver(next.messages)
      next = this.#waiting.get(this.#received + 1)
    }
  }
}
