/**
 * What can be said in an exhaustive exploration: the liar's menu, and the messages of the correct processes by number.
 *
 * There is one broadcast, whose sender is the liar, and there are two values for it. To each correct process the liar
 * says each type of message of the protocol at most once, at any time, in any order, with either value, or never.
 */
import { assert } from '../../core/assert.ts'
import { sameBytes, toHex } from '../../core/bytes.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Message } from '../../core/messages.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { SpokenPort } from '../../links/ports.ts'

/** The sender of the broadcast that is explored, and the one Byzantine process. */
export const LIAR: ProcessId = 0

/** The number of the broadcast that is explored. */
const SEQUENCE = 0

const PAYLOADS = [Uint8Array.of(1), Uint8Array.of(2)]

/** By protocol, the types of its messages; the port has the protocol's name. */
const menus: { readonly [protocol: string]: readonly string[] } = {
  'double-echo': ['SEND', 'ECHO', 'READY'],
  'authenticated-echo': ['SEND', 'ECHO']
}

/** The protocols whose small cases can be explored. */
export const EXPLORED_PROTOCOLS: readonly string[] = Object.keys(menus)

/** The types of messages that a liar may send in this protocol; undefined if there is no menu for it. */
export function menuOf(protocol: string): readonly string[] | undefined {
  return menus[protocol]
}

export type MessageId = number

/** More different messages than this would not fit into the tables. */
export const MESSAGES_MAX = 32

/** A message that the liar may send, to anybody. */
export interface Act {
  /** Of each slot a process gets one message at most. */
  readonly slot: number
  readonly message: MessageId
  /** The act that says the same of the other value. */
  readonly exchanged: number
}

export class Vocabulary {
  readonly acts: readonly Act[]
  readonly #spoken: readonly SpokenPort[]
  readonly #values: readonly { readonly payload: Uint8Array; readonly digest: Uint8Array }[]
  readonly #messages: Uint8Array[] = []
  readonly #ids = new Map<string, MessageId>()

  constructor(
    protocol: string,
    types: readonly string[],
    spoken: readonly SpokenPort[],
    hash: (message: Uint8Array) => Uint8Array
  ) {
    this.#spoken = spoken
    this.#values = PAYLOADS.map((payload) => ({ payload, digest: hash(payload) }))
    const port = spoken.findIndex(({ path }) => path === protocol)
    // What a type does not declare of these fields is not encoded.
    const fields = { sender: LIAR, sequence: SEQUENCE, signature: null }
    this.acts = types.flatMap((type, slot) =>
      this.#values.map((value, index) => ({
        slot,
        message: this.intern(this.#encode(port, { type, ...fields, ...value })),
        exchanged: 2 * slot + 1 - index
      }))
    )
  }

  /** The number of a message; the same for the same bytes. */
  intern(message: Uint8Array): MessageId {
    const hex = toHex(message)
    const known = this.#ids.get(hex)
    if (known !== undefined) return known
    const id = this.#messages.length
    assert(id < MESSAGES_MAX, `an exploration has at most ${MESSAGES_MAX} different messages`)
    this.#messages.push(message)
    this.#ids.set(hex, id)
    return id
  }

  bytes(id: MessageId): Uint8Array {
    const message = this.#messages[id]
    assert(message !== undefined, 'a message that was interned')
    return message
  }

  /** The message that says the same of the other value. */
  exchanged(id: MessageId): MessageId {
    const [port, message] = this.#decode(id)
    const fields = Object.entries(message).map(([name, value]) => [name, this.#other(value)] as const)
    return this.intern(this.#encode(port, Object.fromEntries(fields) as Message))
  }

  /** For people: its type, and which of the two values it is about. */
  words(id: MessageId): string {
    const [, message] = this.#decode(id)
    const { type, payload, digest } = message
    return `${type} ${this.valueName(payload ?? digest ?? null)}`
  }

  /** m1 and m2 for the payloads, d1 and d2 for their digests. */
  valueName(value: PlainValue): string {
    const names = this.#values.flatMap(({ payload, digest }, index) => [
      ...(same(payload, value) ? [`m${index + 1}`] : []),
      ...(same(digest, value) ? [`d${index + 1}`] : [])
    ])
    return names[0] ?? 'something else'
  }

  #other(value: PlainValue): PlainValue {
    for (const [index, { payload, digest }] of this.#values.entries()) {
      const other = this.#values[1 - index]
      assert(other !== undefined, 'there are two values')
      if (same(payload, value)) return other.payload
      if (same(digest, value)) return other.digest
    }
    return value
  }

  #decode(id: MessageId): readonly [port: number, message: Message] {
    const [port = -1, ...encoded] = this.bytes(id)
    const message = this.#spoken[port]?.messages.decode(Uint8Array.from(encoded))
    assert(message !== undefined, 'what correct processes send can be read')
    return [port, message]
  }

  #encode(port: number, message: Message): Uint8Array {
    const spoken = this.#spoken[port]
    assert(spoken !== undefined, 'the protocol has a port of its name')
    return Uint8Array.of(port, ...spoken.messages.encode(message))
  }
}

function same(bytes: Uint8Array, value: PlainValue): boolean {
  return value instanceof Uint8Array && sameBytes(bytes, value)
}
