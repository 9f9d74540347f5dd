/**
 * What the two ends of a link do, the same as the ends of a floor: batches of messages in flight, the last of each
 * acknowledged by a message; and lone messages that are sent back.
 */
import { DeliveryRecord } from './record.ts'

/** The first byte of a message: what the receiver does with it. */
const COUNT = 0
const COUNT_AND_ACKNOWLEDGE = 1
const ECHO = 2

/** Messages are made before time is measured; a prime, so that no batch is like the one before. */
const DISTINCT_MESSAGES = 1021

export interface LinkLoad {
  readonly messageBytes: number
  /** Messages in each turn. */
  readonly perSend: number
  /** Batches in flight. */
  readonly window: number
}

type Turn = (handler: () => void) => void

export class LinkSender {
  readonly #load: LinkLoad
  readonly #send: (message: Uint8Array) => void
  readonly #counted: readonly Uint8Array[]
  readonly #acknowledged: readonly Uint8Array[]
  readonly #echo: Uint8Array
  #next = 0
  #total = 0
  #inFlight = 0
  #finished: () => void = () => {}

  constructor(load: LinkLoad, send: (message: Uint8Array) => void) {
    this.#load = load
    this.#send = send
    const make = (what: number) =>
      Array.from({ length: DISTINCT_MESSAGES }, (_, i) => message(load.messageBytes, what, i))
    this.#counted = make(COUNT)
    this.#acknowledged = make(COUNT_AND_ACKNOWLEDGE)
    this.#echo = message(load.messageBytes, ECHO, 0)
  }

  /** Resolves when the last of `messages` was acknowledged. */
  send(messages: number, turn: Turn): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#next = 0
    this.#total = messages
    this.#finished = resolve
    turn(() => this.#more())
    return promise
  }

  /** Milliseconds of one lone message there and back. */
  async roundTrip(turn: Turn): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#finished = resolve
    const began = performance.now()
    turn(() => this.#send(this.#echo))
    await promise
    return performance.now() - began
  }

  deliver(received: Uint8Array): void {
    if (received[0] === ECHO) this.#finished()
    else {
      this.#inFlight--
      this.#more()
    }
  }

  /** Of the first `messages`, as the receiver is to have them. */
  digest(messages: number): string {
    const record = new DeliveryRecord(messages, this.#load.messageBytes)
    for (let i = 0; i < messages; i++) record.put(i, this.#message(i, messages))
    return record.digest()
  }

  #more(): void {
    const { perSend, window } = this.#load
    while (this.#next < this.#total && this.#inFlight < window) {
      const end = Math.min(this.#next + perSend, this.#total)
      for (; this.#next < end; this.#next++) this.#send(this.#message(this.#next, this.#total))
      this.#inFlight++
    }
    if (this.#next === this.#total && this.#inFlight === 0) this.#finished()
  }

  #message(index: number, total: number): Uint8Array {
    const last = index % this.#load.perSend === this.#load.perSend - 1 || index === total - 1
    return (last ? this.#acknowledged : this.#counted)[index % DISTINCT_MESSAGES]!
  }
}

export class LinkReceiver {
  readonly #load: LinkLoad
  readonly #send: (message: Uint8Array) => void
  #record: DeliveryRecord

  constructor(load: LinkLoad, send: (message: Uint8Array) => void) {
    this.#load = load
    this.#send = send
    this.#record = new DeliveryRecord(0, load.messageBytes)
  }

  expect(messages: number): void {
    this.#record = new DeliveryRecord(messages, this.#load.messageBytes)
  }

  deliver(received: Uint8Array): void {
    if (received[0] === ECHO) {
      this.#send(received)
      return
    }
    this.#record.put(this.#record.filled, received)
    if (received[0] === COUNT_AND_ACKNOWLEDGE) this.#send(ACKNOWLEDGEMENT)
  }

  digest(): string {
    return this.#record.digest()
  }
}

const ACKNOWLEDGEMENT = Uint8Array.of(COUNT_AND_ACKNOWLEDGE)

function message(bytes: number, what: number, number: number): Uint8Array {
  const made = new Uint8Array(bytes).fill(number & 0xff)
  made[0] = what
  new DataView(made.buffer).setUint32(Math.min(1, bytes - 4), number)
  return made
}
