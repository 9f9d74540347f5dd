/**
 * The two ends of a floor. The sender writes batches of framed messages; the receiver takes them apart and counts
 * them, acknowledges each batch when there is a window, echoes a message that asks for it, and answers a request with
 * as many bytes as it says.
 */
import { encodeFrames, FrameDecoder } from '../libp2p/transport-framing.ts'
import type { Wire, WireIndications } from './floor-wire.ts'

const FRAME_BYTES_MAX = 2 * 1024 * 1024

/** The first byte of a message: what the receiver does with it. */
const COUNT = 0
const COUNT_AND_ACKNOWLEDGE = 1
const ECHO = 2
/** The next four bytes say how long the answer is to be. */
const REQUEST = 3

export interface Load {
  readonly messageBytes: number
  readonly perSend: number
  /** Batches in flight, each acknowledged; 0 for as many as the wire takes. */
  readonly window: number
}

function decoding(frame: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  const violation = (what: string) => {
    throw new Error(`the other end of the benchmark broke the framing: ${what}`)
  }
  const decoder = new FrameDecoder({ frameBytesMax: FRAME_BYTES_MAX, frame, violation })
  return (bytes) => decoder.push(bytes)
}

export function receiverOn(wire: Wire): WireIndications {
  const acknowledgement = encodeFrames([Uint8Array.of(COUNT_AND_ACKNOWLEDGE)])
  const read = decoding((bytes) => {
    if (bytes[0] === COUNT_AND_ACKNOWLEDGE) wire.write(acknowledgement)
    else if (bytes[0] === ECHO) wire.write(encodeFrames([bytes]))
    else if (bytes[0] === REQUEST) wire.write(encodeFrames([message(lengthIn(bytes), ECHO)]))
  })
  return { read, drained: () => {} }
}

export class Sender {
  readonly #wire: Wire
  readonly #load: Load
  readonly #batches = new Map<number, Uint8Array>()
  #left = 0
  #inFlight = 0
  #writable = true
  #finished: () => void = () => {}
  /** Those that wait for an answer, in the order of what they sent. */
  readonly #awaiting: (() => void)[] = []
  readonly indications: WireIndications

  constructor(wire: Wire, load: Load) {
    this.#wire = wire
    this.#load = load
    const read = decoding((bytes) => {
      if (bytes[0] === ECHO) this.#awaiting.shift()?.()
      else {
        this.#inFlight--
        this.#more()
      }
    })
    this.indications = {
      read,
      drained: () => {
        this.#writable = true
        this.#more()
      }
    }
  }

  /** Resolves when the receiver has acknowledged the last of `messages`. */
  send(messages: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#left = messages
    this.#finished = resolve
    this.#more()
    return promise
  }

  /** Milliseconds of one lone message there and back. */
  roundTrip(): Promise<number> {
    return this.#await(message(this.#load.messageBytes, ECHO))
  }

  /** Milliseconds of one lone message there, and an answer of so many bytes back. */
  request(answerBytes: number): Promise<number> {
    const asking = message(this.#load.messageBytes, REQUEST)
    new DataView(asking.buffer).setUint32(1, answerBytes)
    return this.#await(asking)
  }

  async #await(sent: Uint8Array): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#awaiting.push(resolve)
    const began = performance.now()
    this.#wire.write(encodeFrames([sent]))
    await promise
    return performance.now() - began
  }

  #more(): void {
    const { perSend, window } = this.#load
    while (this.#left > 0 && this.#writable && (window === 0 || this.#inFlight < window)) {
      const count = Math.min(perSend, this.#left)
      this.#left -= count
      const acknowledged = window > 0 || this.#left === 0
      if (acknowledged) this.#inFlight++
      this.#writable = this.#wire.write(this.#batch(count, acknowledged))
    }
    if (this.#left === 0 && this.#inFlight === 0) this.#finished()
  }

  /** A floor is the least that it takes: each kind of batch is encoded once. */
  #batch(count: number, acknowledged: boolean): Uint8Array {
    const key = acknowledged ? count : -count
    let encoded = this.#batches.get(key)
    if (encoded === undefined) {
      const what = (i: number) => (acknowledged && i === count - 1 ? COUNT_AND_ACKNOWLEDGE : COUNT)
      encoded = encodeFrames(
        Array.from({ length: count }, (_, i) => message(this.#load.messageBytes, what(i)))
      )
      this.#batches.set(key, encoded)
    }
    return encoded
  }
}

function message(bytes: number, what: number): Uint8Array {
  const made = new Uint8Array(bytes)
  made[0] = what
  return made
}

function lengthIn(request: Uint8Array): number {
  return new DataView(request.buffer, request.byteOffset).getUint32(1)
}
