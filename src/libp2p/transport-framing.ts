/**
 * Frames on a byte stream: each is preceded by its length as an unsigned varint (LEB128, shortest form). A frame
 * of length zero carries nothing and is a sign of life.
 *
 * The decoder is synchronous and keeps nothing but the one frame that is incomplete: it buffers what has come,
 * never what was announced.
 */
import { Uint8ArrayList } from 'uint8arraylist'
import { assert } from '../core/assert.ts'

/** Four groups of seven bits: 256 MiB, more than any frame may have. */
const LENGTH_BYTES_MAX = 4

/** An incomplete frame gets room for this much at first; the room doubles as it fills. */
const ROOM_BYTES_MIN = 1024

function lengthOfPrefix(length: number): number {
  let bytes = 1
  for (let rest = length; rest >= 0x80; rest >>>= 7) bytes++
  return bytes
}

/** All `frames`, each with its length before it, as one piece: one `send` for many frames is the lever. */
export function encodeFrames(frames: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const { length } of frames) size += lengthOfPrefix(length) + length
  const encoded = new Uint8Array(size)
  let at = 0
  for (const frame of frames) {
    at = writeLength(encoded, at, frame.length)
    encoded.set(frame, at)
    at += frame.length
  }
  return encoded
}

/** The same bytes as {@link encodeFrames}, of pieces that are not copied: the frames must not change any more. */
export function listFrames(frames: readonly Uint8Array[]): Uint8ArrayList {
  const list = new Uint8ArrayList()
  for (const frame of frames) {
    const prefix = new Uint8Array(lengthOfPrefix(frame.length))
    writeLength(prefix, 0, frame.length)
    list.append(prefix, frame)
  }
  return list
}

/** @returns where it ends */
function writeLength(bytes: Uint8Array, from: number, length: number): number {
  let at = from
  let rest = length
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80
  bytes[at++] = rest
  return at
}

/** Why a byte stream is no sequence of frames; after it the decoder ignores whatever follows. */
export type FramingViolation = 'frame too long' | 'length not in shortest form'

export interface FrameDecoderInit {
  /** The longest frame; may be changed between frames. */
  frameBytesMax: number
  /** A view of received bytes: whoever keeps it for long copies it. */
  frame(bytes: Uint8Array): void
  violation(what: FramingViolation): void
}

export class FrameDecoder {
  frameBytesMax: number
  readonly #init: FrameDecoderInit
  #stopped = false
  /** The length as read so far, and how many of its bytes. */
  #length = 0
  #lengthBytes = 0
  /** The frame that is incomplete; undefined while its length is being read. */
  #partial: Uint8Array | undefined
  #filled = 0

  constructor(init: FrameDecoderInit) {
    assert(init.frameBytesMax < 2 ** (7 * LENGTH_BYTES_MAX), 'a frame length has at most 28 bits')
    this.frameBytesMax = init.frameBytesMax
    this.#init = init
  }

  /** Nothing more is decoded, not even the rest of the piece at hand. */
  stop(): void {
    this.#stopped = true
    this.#partial = undefined
  }

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.#stopped) {
      at = this.#partial === undefined ? this.#readLength(bytes, at) : this.#fill(bytes, at)
    }
  }

  #readLength(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at++]!
      this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes++)
      // The bound is checked at every byte, so that a length of any size is refused within four of them.
      if (this.#length > this.frameBytesMax) return this.#violation('frame too long', bytes)
      if (byte >= 0x80) {
        if (this.#lengthBytes === LENGTH_BYTES_MAX) return this.#violation('frame too long', bytes)
        continue
      }
      if (byte === 0 && this.#lengthBytes > 1) return this.#violation('length not in shortest form', bytes)
      return this.#startFrame(bytes, at)
    }
    return at
  }

  #startFrame(bytes: Uint8Array, from: number): number {
    const length = this.#length
    this.#lengthBytes = 0
    if (from + length <= bytes.length) {
      this.#length = 0
      if (length > 0) this.#init.frame(bytes.subarray(from, from + length))
      return from + length
    }
    this.#partial = new Uint8Array(Math.min(length, Math.max(ROOM_BYTES_MIN, bytes.length - from)))
    this.#filled = 0
    return from
  }

  #fill(bytes: Uint8Array, from: number): number {
    let partial = this.#partial!
    const taken = Math.min(this.#length - this.#filled, bytes.length - from)
    if (this.#filled + taken > partial.length) {
      const roomier = new Uint8Array(
        Math.min(this.#length, Math.max(2 * partial.length, this.#filled + taken))
      )
      roomier.set(partial)
      this.#partial = partial = roomier
    }
    partial.set(bytes.subarray(from, from + taken), this.#filled)
    this.#filled += taken
    if (this.#filled === this.#length) {
      this.#partial = undefined
      this.#length = 0
      this.#init.frame(partial)
    }
    return from + taken
  }

  #violation(what: FramingViolation, bytes: Uint8Array): number {
    this.stop()
    this.#init.violation(what)
    return bytes.length
  }
}
