/**
 * Follows each message of a traced run from its sending to its receipt, above the links: with real links a message
 * shares frames with others, so it is recognised by its bytes, in order. What was skipped was lost.
 */
import { sameBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OpenPort } from '../links/ports.ts'
import type { MessageId, TraceEvent, TraceSink } from './trace-sink.ts'

interface OnItsWay {
  readonly id: MessageId
  readonly bytes: Uint8Array
}

export class MessageLog {
  readonly #ports: readonly OpenPort[]
  readonly #now: () => number
  readonly #sink: TraceSink
  readonly #onTheirWay = new Map<string, OnItsWay[]>()
  readonly #inOrder: boolean
  #messages = 0

  /** @param inOrder - what is overtaken was lost, and nothing comes twice */
  constructor(ports: readonly OpenPort[], now: () => number, sink: TraceSink, inOrder = true) {
    this.#inOrder = inOrder
    this.#ports = ports
    this.#now = now
    this.#sink = sink
  }

  sent(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    const id = ++this.#messages
    this.#queue(from, to).push({ id, bytes })
    this.#tell({ time: this.#now(), process: from, kind: 'send', id, to, ...contentOf(this.#ports, bytes) })
  }

  received(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    const queue = this.#queue(from, to)
    const at = queue.findIndex((message) => sameBytes(message.bytes, bytes))
    // What is not on its way was put on the wire below the links: nobody was seen to send it.
    const [arrived] = at < 0 ? [] : this.#inOrder ? queue.splice(at, 1) : queue.slice(at)
    if (arrived !== undefined && this.#inOrder) {
      for (const { id } of queue.splice(0, at))
        this.#lost(from, to, id, 'the session in which it was sent is over')
    }
    const id = arrived?.id ?? ++this.#messages
    this.#tell({
      time: this.#now(),
      process: to,
      kind: 'receive',
      id,
      from,
      ...contentOf(this.#ports, bytes)
    })
  }

  /** One of the two processes has omitted it. */
  omitted(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    const queue = this.#queue(from, to)
    const at = queue.findIndex((message) => sameBytes(message.bytes, bytes))
    if (at >= 0) for (const { id } of queue.splice(at, 1)) this.#lost(from, to, id, 'omitted')
  }

  /** The session ended at `at`: what it had sent to `peer` and was not received yet is lost. */
  sessionEnded(at: ProcessId, peer: ProcessId, reason: string): void {
    for (const { id } of this.#queue(at, peer).splice(0)) this.#lost(at, peer, id, reason)
  }

  #lost(from: ProcessId, to: ProcessId, id: MessageId, reason: string): void {
    this.#tell({ time: this.#now(), process: to, kind: 'lost', id, from, reason })
  }

  #queue(from: ProcessId, to: ProcessId): OnItsWay[] {
    const key = `${from}/${to}`
    const queue = this.#onTheirWay.get(key) ?? []
    this.#onTheirWay.set(key, queue)
    return queue
  }

  #tell(event: TraceEvent): void {
    this.#sink(event)
  }
}

/** A message as it is told: with the path of its port or, if it is of no declared shape, as its bytes. */
export function contentOf(
  ports: readonly OpenPort[],
  bytes: Uint8Array
): { path: string; message: PlainValue } {
  const port = ports[bytes[0] ?? ports.length]
  const message = port?.messages.decode(bytes.subarray(1))
  return port === undefined || message === undefined
    ? { path: '', message: { hex: bytes } }
    : { path: port.path, message }
}
