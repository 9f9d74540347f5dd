/**
 * Received frames on their way up. A lone frame goes up at once. Where several come within one turn of the event
 * loop, from any members, the later ones wait for its end and go up together, as one input: they share a turn of the
 * process, its batch for the disk, and the frames that answer them. Under load the frames therefore grow, and a frame
 * is what costs.
 */
import type { ProcessId } from '../core/group.ts'

/** Frames that wait for the end of a turn of the event loop; when there are more bytes, they go up before it. */
const INBOX_BYTES_MAX = 1024 * 1024

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
  #waiting: ReceivedFrame[] = []
  #waitingBytes = 0
  /** Frames that came in this turn of the event loop. */
  #came = 0
  /** Whether several came in the last turn that brought any. */
  #busy = false

  constructor(indications: InboxIndications) {
    this.#indications = indications
  }

  push(from: ProcessId, bytes: Uint8Array): void {
    if (this.#came++ === 0) setImmediate(this.#endOfTurn)
    if (this.#came === 1 && !this.#busy) {
      this.#indications.frames([{ from, bytes }])
      return
    }
    this.#waiting.push({ from, bytes })
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= INBOX_BYTES_MAX) this.#deliver()
  }

  /** What waits is lost. */
  clear(): void {
    this.#waiting = []
    this.#waitingBytes = 0
  }

  readonly #endOfTurn = (): void => {
    this.#busy = this.#came > 1
    this.#came = 0
    this.#deliver()
  }

  #deliver(): void {
    if (this.#waiting.length === 0) return
    const batch = this.#waiting
    this.clear()
    this.#indications.frames(batch)
  }
}
