/**
 * The sending half of a session, as data: a queue of messages, and the frames in flight until they are
 * acknowledged. Frames are numbered from 1; at most LINK_FRAMES_IN_FLIGHT are unacknowledged.
 */
import { assert } from '../core/assert.ts'
import {
  LINK_FRAME_BYTES,
  LINK_FRAME_MESSAGES_MAX,
  LINK_FRAMES_IN_FLIGHT,
  LINK_MESSAGE_OVERHEAD_BYTES
} from './constants.ts'
import { DATA_FIELDS_BYTES_MAX, MESSAGE_HEAD_BYTES_MAX } from './frames.ts'

export class SendWindow {
  /** Messages not yet in a frame, from `#head` on. */
  #queue: Uint8Array[] = []
  #head = 0
  #queuedBytes = 0
  /** Sealed frames in flight, oldest first. */
  #unacked: Uint8Array[] = []
  #unackedBytes = 0
  #acked = 0

  /** What this half holds: queued messages with their overhead, and frames in flight. */
  get bytes(): number {
    return this.#queuedBytes + this.#unackedBytes
  }

  get queued(): number {
    return this.#queue.length - this.#head
  }

  /** Sequence number of the newest frame. */
  get last(): number {
    return this.#acked + this.#unacked.length
  }

  /** The sequence number up to which everything is acknowledged. */
  get acked(): number {
    return this.#acked
  }

  get unacked(): readonly Uint8Array[] {
    return this.#unacked
  }

  append(message: Uint8Array): void {
    this.#queue.push(message)
    this.#queuedBytes += message.length + LINK_MESSAGE_OVERHEAD_BYTES
  }

  /** Takes the messages of the next frame from the queue; none while the window is full or the queue empty. */
  takeBatch(): readonly Uint8Array[] {
    if (this.#unacked.length >= LINK_FRAMES_IN_FLIGHT || this.queued === 0) return []
    const start = this.#head
    let bytes = DATA_FIELDS_BYTES_MAX
    let end = start
    for (; end < this.#queue.length && end - start < LINK_FRAME_MESSAGES_MAX; end++) {
      const { length } = this.#queue[end]!
      bytes += length + MESSAGE_HEAD_BYTES_MAX
      if (bytes > LINK_FRAME_BYTES && end > start) break
      this.#queuedBytes -= length + LINK_MESSAGE_OVERHEAD_BYTES
    }
    const batch = this.#queue.slice(start, end)
    this.#head = end
    // Now and then the consumed part is cut off: linear in all, and what was sent is not kept alive.
    if (2 * end >= this.#queue.length) {
      this.#queue = this.#queue.slice(end)
      this.#head = 0
    }
    return batch
  }

  /** The frame with sequence number `last + 1` has left. */
  sent(frame: Uint8Array): void {
    assert(this.#unacked.length < LINK_FRAMES_IN_FLIGHT, 'a frame leaves only into an open window')
    this.#unacked.push(frame)
    this.#unackedBytes += frame.length
  }

  /** Drops the frames up to `ack`; whether there were any. */
  acknowledge(ack: number): boolean {
    assert(ack <= this.last, 'only what was sent is acknowledged')
    if (ack <= this.#acked) return false
    for (const frame of this.#unacked.splice(0, ack - this.#acked)) this.#unackedBytes -= frame.length
    this.#acked = ack
    return true
  }
}
