/**
 * A channel: one stream to one peer that carries frames both ways, the first each way an INTRO. It ends when the
 * stream does, when the peer stops writing, or when the peer breaks the framing; it never throws at what comes.
 *
 * Each `message` event is decoded to its end when it fires, and nothing is read ahead; while the process has enough of
 * the peer, nothing is read at all. So a peer that floods is slowed down by TCP, and nothing grows here but the one
 * frame that is incomplete. (What is complete may wait for the end of the event loop's turn, see transport-inbox.ts.)
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { FrameDecoder } from './transport-framing.ts'
import { decodeIntro, INTRO_BYTES_MAX, type Intro } from './transport-intro.ts'
import type { TransportLimits } from './transport-limits.ts'
import { ReceiveWindow } from './transport-window.ts'
import { StreamWriter } from './transport-writer.ts'

export interface ChannelIndications {
  /** Once, before any frame. */
  intro(intro: Intro): void
  /** A view of received bytes: whoever keeps it for long copies it. */
  frame(bytes: Uint8Array): void
  /** The peer sent what no correct peer sends; the channel ends at once. */
  malformed(detail: string): void
  /** Once and last. */
  ended(): void
}

const EMPTY_FRAME = new Uint8Array(0)

export class Channel {
  readonly #stream: Stream
  readonly #limits: TransportLimits
  readonly #writer: StreamWriter
  readonly #decoder: FrameDecoder
  readonly #window: ReceiveWindow
  readonly #introTimer: ReturnType<typeof setTimeout>
  #indications: ChannelIndications
  #introduced = false
  #pressed = false
  #ended = false
  #heardMs = performance.now()

  constructor(stream: Stream, limits: TransportLimits, indications: ChannelIndications) {
    this.#stream = stream
    this.#limits = limits
    this.#indications = indications
    this.#writer = new StreamWriter(stream, limits, (why) => this.abort(why))
    this.#window = new ReceiveWindow(stream)
    this.#decoder = new FrameDecoder({
      frameBytesMax: INTRO_BYTES_MAX,
      frame: (bytes) => this.#received(bytes),
      violation: (what) => this.#malformed(what)
    })
    this.#introTimer = setTimeout(() => this.abort('no INTRO in time'), limits.introTimeoutMs)
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('remoteCloseWrite', this.#onRemoteCloseWrite)
    stream.addEventListener('close', this.#onClose)
    // A stream may be reset, or half closed, before we are given it; its events are then past.
    if (stream.status !== 'open' || stream.remoteWriteStatus === 'closed') {
      queueMicrotask(() => this.abort('the stream was closed from the start'))
    }
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Hands the channel to the group that its INTRO names, which is told of everything from now on. */
  handOver(indications: ChannelIndications): void {
    this.#indications = indications
  }

  /** Whether the frame was taken; otherwise it is lost. An encoded INTRO is the first. */
  send(frame: Uint8Array): boolean {
    return !this.#ended && this.#writer.send(frame)
  }

  /** What was sent so far leaves now, as far as the stream takes it, and not at the end of this turn. */
  flush(): void {
    if (!this.#ended) this.#writer.flush()
  }

  /** Nothing more is read for now, and the peer has to wait; or it is read again, from the next turn on. */
  press(isPressed: boolean): void {
    this.#pressed = isPressed
    if (isPressed) this.#pause()
    else setImmediate(() => this.#resume())
  }

  /** To be called now and then: notices a half-open stream, and lets the peer notice one. */
  heartbeat(): void {
    const now = performance.now()
    // Who is not read is not silent.
    if (this.#pressed) this.#heardMs = now
    if (now - this.#heardMs > this.#limits.silenceMaxMs) this.abort('the peer has been silent for too long')
    else if (this.#writer.idle && now - this.#writer.spokeMs >= this.#limits.heartbeatIntervalMs) {
      this.#writer.send(EMPTY_FRAME)
    }
  }

  /** Ends the channel once the peer's side has taken what was sent, or after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#ended) return
    this.#writer.flush()
    try {
      await this.#stream.close({ signal: AbortSignal.timeout(timeoutMs) })
    } catch {
      // The peer did not take it in time, or is gone: what was left is lost, as links expect of a transport.
    }
    this.abort('closed')
  }

  /** Ends the channel at once and resets the stream. */
  abort(why: string): void {
    if (this.#ended) return
    this.#stream.abort(new Error(why))
    this.#onClose()
  }

  #pause(): void {
    if (!this.#ended && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #resume(): void {
    if (this.#ended || this.#pressed || this.#stream.readStatus !== 'paused') return
    this.#stream.resume()
    // What had come meanwhile may have been enough again.
    if (this.#pressed) this.#window.hold()
  }

  #received(bytes: Uint8Array): void {
    if (this.#introduced) {
      this.#indications.frame(bytes)
      return
    }
    const intro = decodeIntro(bytes)
    if (intro === undefined) {
      this.#malformed('the first frame is no INTRO')
      return
    }
    this.#introduced = true
    clearTimeout(this.#introTimer)
    this.#decoder.frameBytesMax = this.#limits.frameBytesMax
    this.#indications.intro(intro)
  }

  #malformed(detail: string): void {
    this.#indications.malformed(detail)
    this.abort(detail)
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    this.#heardMs = performance.now()
    for (const piece of data instanceof Uint8Array ? [data] : data) {
      // A Buffer's own slice() does not copy: what goes up is a plain Uint8Array.
      this.#decoder.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
    }
    if (!this.#ended) this.#window.received(data.byteLength)
  }

  readonly #onRemoteCloseWrite = (): void => this.abort('the peer stopped writing')

  readonly #onClose = (): void => {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#introTimer)
    this.#decoder.stop()
    this.#writer.stop()
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('remoteCloseWrite', this.#onRemoteCloseWrite)
    this.#stream.removeEventListener('close', this.#onClose)
    this.#indications.ended()
  }
}
