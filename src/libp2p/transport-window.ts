/**
 * Window updates when they are needed. Yamux (8.0.3) answers every data frame with a window update, which costs a
 * lone frame as much again: an encryption and a write here, a wake-up and a decryption there. A stream may say instead
 * that it wants no more for the moment (`sendPause`), which keeps the updates back and nothing else, and that it does
 * again (`sendResume`), which sends one for all that has come.
 */
import type { Stream } from '@libp2p/interface'
import { StreamState, YamuxStream } from '@libp2p/yamux/stream'

/** Half of the window with which every yamux stream begins: the peer never waits for an update that is due. */
const UPDATE_EVERY_BYTES = 128 * 1024

export class ReceiveWindow {
  /** Undefined over another multiplexer, which is left alone. */
  readonly #stream: YamuxStream | undefined
  #received = 0

  constructor(stream: Stream) {
    this.#stream = stream instanceof YamuxStream ? stream : undefined
  }

  /** No update leaves, whatever the stream has done by itself. */
  hold(): void {
    this.#stream?.sendPause()
  }

  /** To be called whenever so many bytes were taken from the stream. */
  received(bytes: number): void {
    const stream = this.#stream
    if (stream === undefined) return
    this.#received += bytes
    // Before, the stream has yet to tell the peer that it is open; after, there is nobody to tell.
    if (stream.state !== StreamState.Established && stream.state !== StreamState.Paused) return
    if (this.#received >= UPDATE_EVERY_BYTES) {
      this.#received = 0
      stream.sendResume()
    }
    stream.sendPause()
  }
}
