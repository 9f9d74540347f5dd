/**
 * What can be said in an exhaustive exploration: the liar's menu, and the messages of the correct processes by number.
 *
 * Where the protocol has instances that somebody proposes in, there is one of them, whose proposer is the liar, and
 * there are two values for it. To each correct process the liar says each type of proposal and vote at most once, at
 * any time, in any order, with either value, or never. What these are is known by their roles (core/role.ts).
 */
import { type Format, formatsOf } from '../../adversary/wire.ts'
import { assert } from '../../core/assert.ts'
import { sameBytes, toHex } from '../../core/bytes.ts'
import type { Group, ProcessId } from '../../core/group.ts'
import type { Message } from '../../core/messages.ts'
import type { Role } from '../../core/role.ts'
import type { ShapeDescription } from '../../core/shapes.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { OpenPort } from '../../links/ports.ts'

/** The one Byzantine process: the proposer of the instance that is explored, where there is one. */
export const LIAR: ProcessId = 0

/** The numbers of the instance that is explored. */
const NUMBER = 0

/** For the liar's instance. */
export const PAYLOADS: readonly Uint8Array[] = [Uint8Array.of(1), Uint8Array.of(2)]

export type MessageId = number

/** More different messages than this are no small case. */
const MESSAGES_MAX = 1 << 16

/** A message that the liar may send, to anybody. */
export interface Act {
  /** Of each slot a process gets one message at most. */
  readonly slot: number
  readonly message: MessageId
  /** The act that says the same of the other value. */
  readonly exchanged: number
}

interface Value {
  readonly payload: Uint8Array
  readonly digest: Uint8Array
}

/** Proposals and votes in an instance of the liar's, which it can fill in; none where it proposes in none. */
export function menuOf(openPorts: readonly OpenPort[], group: Group): readonly Format[] {
  const ofInstances = formatsOf(openPorts).filter(
    ({ role }) => role?.instance !== undefined && (role.role === 'proposal' || role.role === 'vote')
  )
  const proposes = ofInstances.some(({ role }) => role?.role === 'proposal' && isOfLiar(role.instance, group))
  return proposes ? ofInstances.filter((format) => isFilled(format)) : []
}

function isOfLiar(instance: Role['instance'], group: Group): boolean {
  const { of, numbers = [] } = instance ?? {}
  const said = numbers.map(() => NUMBER)
  return typeof of === 'function' ? of(said, group) === LIAR : of !== undefined
}

const isFilled = ({ fields, role }: Format): boolean =>
  fields.every(([name, shape]) => isContent(name, role) || filler(name, shape, role) !== undefined)

const isContent = (field: string, role: Format['role']): boolean => role?.content === field

/** What stands in a field that is not the content: the liar's rank, the number of its instance, or nothing. */
function filler(field: string, shape: ShapeDescription, role: Format['role']): PlainValue | undefined {
  const { of, numbers = [] }: { readonly of?: unknown; readonly numbers?: readonly string[] } =
    role?.instance ?? {}
  if (of === field) return LIAR
  if (numbers.includes(field)) return NUMBER
  return shape.kind === 'optional' ? null : undefined
}

export interface VocabularyInit {
  readonly openPorts: readonly OpenPort[]
  /** What the liar may say: of these types. */
  readonly menu: readonly Format[]
  /** All that is proposed or asked for, for words. */
  readonly payloads: readonly Uint8Array[]
  readonly hash: (message: Uint8Array) => Uint8Array
}

export class Vocabulary {
  readonly acts: readonly Act[]
  readonly #openPorts: readonly OpenPort[]
  readonly #values: readonly Value[]
  readonly #messages: Uint8Array[] = []
  readonly #ids = new Map<string, MessageId>()

  constructor({ openPorts, menu, payloads, hash }: VocabularyInit) {
    this.#openPorts = openPorts
    this.#values = payloads.map((payload) => ({ payload, digest: hash(payload) }))
    this.acts = menu.flatMap((format, slot) =>
      this.#values.map((value, index) => ({
        slot,
        message: this.intern(this.#encode(format.port, filledIn(format, value))),
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

  /** For people: its type, and which of the values it is about. */
  words(id: MessageId): string {
    const [, message] = this.#decode(id)
    return [message.type, ...this.#namesIn(Object.values(message))].join(' ')
  }

  /** m1, m2, ... for the payloads, d1, d2, ... for their digests; undefined of anything else. */
  nameOf(value: PlainValue): string | undefined {
    const [name] = this.#values.flatMap(({ payload, digest }, index) => [
      ...(same(payload, value) ? [`m${index + 1}`] : []),
      ...(same(digest, value) ? [`d${index + 1}`] : [])
    ])
    return name
  }

  #namesIn(values: readonly PlainValue[]): readonly string[] {
    return values.flatMap((value) => {
      const name = this.nameOf(value)
      if (name !== undefined) return [name]
      if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return []
      return this.#namesIn(Object.values(value))
    })
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
    const message = this.#openPorts[port]?.messages.decode(Uint8Array.from(encoded))
    assert(message !== undefined, 'what correct processes send can be read')
    return [port, message]
  }

  #encode(port: number, message: Message): Uint8Array {
    const open = this.#openPorts[port]
    assert(open !== undefined, 'what is said is said on a port')
    return Uint8Array.of(port, ...open.messages.encode(message))
  }
}

function filledIn({ type, fields, role }: Format, { payload, digest }: Value): Message {
  const values = fields.map(([name, shape]): readonly [string, PlainValue] => {
    if (!isContent(name, role)) return [name, filler(name, shape, role) ?? null]
    return [name, 'means' in shape && shape.means === 'digest' ? digest : payload]
  })
  return { ...Object.fromEntries(values), type }
}

function same(bytes: Uint8Array, value: PlainValue): boolean {
  return value instanceof Uint8Array && sameBytes(bytes, value)
}
