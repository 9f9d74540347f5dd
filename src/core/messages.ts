/**
 * The messages of a protocol, declared once:
 *
 * @example
 * const messages = defineMessages({
 *   SEND: [0, { sequence: uint(), payload: bytes(PAYLOAD_BYTES_MAX) }],
 *   ECHO: [1, { sender: uint(), sequence: uint(), digest }]
 * })
 * type Message = MessageOf<typeof messages> // { type: 'SEND', sequence: number, payload: Uint8Array } | ...
 *
 * On the wire a message is an array headed by its small integer type. What each message is to those who do not know the
 * protocol, its role (core/role.ts), is said in a second argument, and is no part of the wire.
 */
import { assert } from './assert.ts'
import { ARRAY, type Margins, UINT } from './cbor.ts'
import type { Role } from './role.ts'
import {
  decode,
  encode,
  type Fields,
  record,
  type Shape,
  type ShapeDescription,
  uint,
  type ValueOf
} from './shapes.ts'
import type { PlainValue } from './trace.ts'

type Declaration = {
  readonly [name: string]: readonly [code: number, fields: Fields]
}

type MessageOfDeclaration<D extends Declaration> = {
  [K in keyof D & string]: { readonly type: K } & { readonly [F in keyof D[K][1]]: ValueOf<D[K][1][F]> }
}[keyof D & string]

/** The role of each message, where it has one. */
export type Roles<D extends Declaration> = { readonly [K in keyof D]?: Role<D[K][1]> }

export interface Messages<M extends Message> {
  /** @param margins - zeros around the encoding: none, unless told otherwise */
  encode(message: M, margins?: Margins): Uint8Array
  /** The message, or undefined if the bytes are not exactly the encoding of one. */
  decode(encoded: Uint8Array): M | undefined
  /** Name, code, shape and role of each, for docs, fixtures and the adversary. */
  readonly declared: readonly {
    readonly type: string
    readonly code: number
    readonly shape: ShapeDescription
    readonly role?: Role | undefined
  }[]
}

/** Any message: a type and plain fields. */
export type Message = { readonly type: string } & { readonly [field: string]: PlainValue }

export type MessageOf<T> = T extends Messages<infer M> ? M : never

interface Variant {
  readonly type: string
  readonly code: number
  /** On the wire; the type stands for the code. */
  readonly shape: Shape<Message>
}

export function defineMessages<const D extends Declaration>(
  declaration: D,
  roles: Roles<NoInfer<D>> = {}
): Messages<MessageOfDeclaration<D>> {
  type M = MessageOfDeclaration<D>
  const variants: Variant[] = Object.entries(declaration).map(([type, [code, fields]]) => ({
    type,
    code,
    shape: messageShape(type, code, fields)
  }))
  const byType = new Map(variants.map((variant) => [variant.type, variant]))
  const byCode = new Map(variants.map((variant) => [variant.code, variant]))
  assert(byCode.size === variants.length, 'each message of a protocol has its own code')
  for (const { code } of variants) assert(isOneByte(code), 'a message code is a one-byte CBOR integer')
  for (const [type, [, fields]] of Object.entries(declaration)) {
    assert(
      roles[type]?.instance === undefined || !('speaker' in fields || 'receiver' in fields),
      'no field of a message of an instance is called speaker or receiver, which name its processes'
    )
    assert(isOneByte(1 + Object.keys(fields).length), 'a message has at most 22 fields')
    assert(!('type' in fields || 'code' in fields), 'no field of a message is called type or code')
  }

  return {
    declared: variants.map(({ type, code, shape }) => ({
      type,
      code,
      shape: shape.description,
      role: roles[type]
    })),
    encode(message, margins) {
      const variant = byType.get(message.type)
      assert(variant !== undefined, () => `a declared message, not ${message.type}`)
      return encode(variant.shape, message, margins)
    },
    decode(encoded) {
      // A one-byte array head (a message has at most 22 fields), then the one-byte code: enough to choose.
      const variant = byCode.get(encoded[1] ?? -1)
      return variant && (decode(variant.shape, encoded) as M | undefined)
    }
  }
}

/** A record headed by the code, whose value has the type instead. */
function messageShape(type: string, code: number, fields: Fields): Shape<Message> {
  const { description, depth } = record({ code: uint(), ...fields })
  const entries = Object.entries(fields)
  return {
    description,
    depth,
    size(message) {
      let size = 2 // the head and the code, a byte each
      for (const [name, shape] of entries) size += shape.size(message[name] as PlainValue)
      return size
    },
    write(message, writer) {
      writer.head(ARRAY, 1 + entries.length)
      writer.head(UINT, code)
      for (const [name, shape] of entries) shape.write(message[name] as PlainValue, writer)
    },
    read(reader) {
      if (reader.head(ARRAY) !== 1 + entries.length) reader.fail()
      reader.head(UINT) // the code, by which this shape was chosen
      const message: { type: string; [field: string]: PlainValue } = { type }
      for (const [name, shape] of entries) message[name] = shape.read(reader)
      return message
    }
  }
}

/** Whether CBOR writes this unsigned integer, or array length, within the head's one byte. */
function isOneByte(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 24
}
