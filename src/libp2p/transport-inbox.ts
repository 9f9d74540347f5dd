/**
 * Received frames on their way up. Those that come within one turn of the event loop, from any members, wait for its
 * end and go up together, as one input: they share a turn of the process, its batch for the disk, and the frames that
 * answer them. Under load the frames therefore grow, and a frame is what costs. While frames come one by one, they go
 * up at once: nothing is gained by waiting.
 */
import type { ProcessId } from '../core/group.ts'

/** A frame comes alone if nothing has come for so long since the last one was dealt with. */
const QUIET_MS = 0.05
/** After so many lone frames one after the other, the next one does not wait. */
const LONE_FRAMES = 16

/** Frames that wait for the end of a turn of the event loop; when there are more bytes, they go up before it. */
const INBOX_BYTES_MAX = 1024 * 1024
/** What a waiting frame is charged beside its own bytes: a flood of empty ones costs memory too. */
const FRAME_OVERHEAD_BYTES = 128

export interface InboxIndications {
  /** Frames in the order in which they came. */
  frames(batch: readonly ReceivedFrame[]): void
}

export interface ReceivedFrame {
  readonly from: ProcessId
  readonly bytes: Uint8Array
}

export class Inbox {
  readonly #indications: InboxIndications
  readonly #now: () => number
  #waiting: ReceivedFrame[] = []
  #waitingBytes = 0
  /** When the last ones had gone up. */
  #quietSinceMs = Number.NEGATIVE_INFINITY
  /** How many have come alone, one after the other. */
  #lone = 0

  /** @param now - milliseconds, of a monotonic clock */
  constructor(indications: InboxIndications, now: () => number = () => performance.now()) {
    this.#indications = indications
    this.#now = now
  }

  push(from: ProcessId, bytes: Uint8Array): void {
    if (this.#waiting.length === 0) {
      const isLone = this.#now() - this.#quietSinceMs > QUIET_MS
      this.#lone = isLone ? this.#lone + 1 : 0
      if (this.#lone > LONE_FRAMES) {
        this.#indicate([{ from, bytes }])
        return
      }
      setImmediate(this.#deliver)
    }
    this.#waiting.push({ from, bytes })
    this.#waitingBytes += bytes.length + FRAME_OVERHEAD_BYTES
    if (this.#waitingBytes >= INBOX_BYTES_MAX) this.#deliver()
  }

  /** What waits is lost. */
  clear(): void {
    this.#waiting = []
    this.#waitingBytes = 0
  }

  readonly #deliver = (): void => {
    if (this.#waiting.length === 0) return
    const batch = this.#waiting
    if (batch.length > 1) this.#lone = 0
    this.clear()
    this.#indicate(batch)
  }

  #indicate(batch: readonly ReceivedFrame[]): void {
    this.#indications.frames(batch)
    this.#quietSinceMs = this.#now()
  }
}
