/**
 * Writes frames to one stream, many with each `send` of the stream, and never more than it takes.
 *
 * What is sent within one turn of the event loop leaves as one piece: a frame costs several times less so. While
 * the stream does not take more, frames wait, up to a bound; beyond it they are lost. The links above retransmit
 * and have windows of their own, so a peer that does not read costs this much and no more.
 */
import type { Stream } from '@libp2p/interface'
import { encodeFrames, listFrames } from './transport-framing.ts'
import type { TransportLimits } from './transport-limits.ts'

/** Pieces of about this size are copied together and sent; larger ones gain nothing. */
const PIECE_BYTES = 256 * 1024

/** Frames of this size on average are not copied: what encrypts them does that once more. */
const LISTED_FRAME_BYTES = 2048

/** What a waiting frame is charged beside its own bytes: an empty one costs memory too. */
const FRAME_OVERHEAD_BYTES = 128

export class StreamWriter {
  readonly #stream: Stream
  readonly #limits: TransportLimits
  readonly #failed: (why: string) => void
  #waiting: Uint8Array[] = []
  #charged = 0
  #scheduled = false
  /** When something was last handed to the stream. */
  spokeMs = performance.now()

  constructor(stream: Stream, limits: TransportLimits, failed: (why: string) => void) {
    this.#stream = stream
    this.#limits = limits
    this.#failed = failed
    // Never reached, since we do not send while the stream wants to drain: if it is, the bug costs one stream.
    stream.maxWriteBufferLength = 2 * (limits.frameBytesMax + PIECE_BYTES)
    stream.addEventListener('drain', this.#schedule)
  }

  get idle(): boolean {
    return this.#waiting.length === 0
  }

  /** Whether the frame was taken; otherwise it is lost. */
  send(frame: Uint8Array): boolean {
    const charge = frame.length + FRAME_OVERHEAD_BYTES
    // A frame may be longer than the bound: when nothing else waits, it is taken.
    if (!this.idle && this.#charged + charge > this.#limits.writeBufferBytesMax) return false
    this.#waiting.push(frame)
    this.#charged += charge
    this.#schedule()
    return true
  }

  /** Hands to the stream what it takes now of what waits. */
  readonly flush = (): void => {
    this.#scheduled = false
    const stream = this.#stream
    while (!this.idle && !stream.writableNeedsDrain && stream.writeStatus === 'writable') {
      const piece = pieceOf(this.#nextPiece())
      this.spokeMs = performance.now()
      try {
        stream.send(piece)
      } catch (error) {
        this.#failed(`sending failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }

  #nextPiece(): Uint8Array[] {
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && bytes < PIECE_BYTES) bytes += this.#waiting[count++]!.length
    this.#charged -= bytes + count * FRAME_OVERHEAD_BYTES
    return this.#waiting.splice(0, count)
  }

  stop(): void {
    this.#stream.removeEventListener('drain', this.#schedule)
    this.#waiting = []
    this.#charged = 0
  }

  /**
   * In a microtask: after the rest of this turn; and, on `drain`, after the stream has tried what it had kept
   * back itself, which can leave it in want of another drain.
   */
  readonly #schedule = (): void => {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(this.flush)
  }
}

function pieceOf(frames: readonly Uint8Array[]) {
  const bytes = frames.reduce((sum, { length }) => sum + length, 0)
  return bytes < LISTED_FRAME_BYTES * frames.length ? encodeFrames(frames) : listFrames(frames)
}
