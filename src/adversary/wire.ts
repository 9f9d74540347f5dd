/**
 * Reading and writing the messages of a stack without knowing the stack: its open ports tell their shapes, and what
 * role each has (core/role.ts).
 */
import { concatBytes, toHex } from '../core/bytes.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import type { Role, Signing } from '../core/role.ts'
import type { ShapeDescription } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { AgreedPort, OpenPort } from '../links/ports.ts'

/** A message and the number of the port that it belongs to. */
export interface Utterance {
  readonly port: number
  readonly message: Message
}

/** A type of message that some port speaks. */
export interface Format {
  readonly port: number
  readonly type: string
  readonly fields: readonly (readonly [name: string, shape: ShapeDescription])[]
  /** Undefined where the port declares none. */
  readonly role: Role | undefined
}

/** What the messages of one run of a protocol have in common: a broadcast, a place in a sequence of decisions. */
export interface Instance {
  /** Who proposes in it; undefined: everybody. */
  readonly of: ProcessId | undefined
  /** The same in all messages of the instance, and in those of no other. */
  readonly name: readonly number[]
}

/** A port as it is opened, or as its messages alone are known. */
type SpokenPort = OpenPort & Partial<Pick<AgreedPort, 'terms'>>

export class Wire {
  readonly #ports: readonly SpokenPort[]
  readonly #group: Group
  /** All types of messages, of all ports. */
  readonly formats: readonly Format[]

  constructor(ports: readonly SpokenPort[], group: Group) {
    this.#ports = ports
    this.#group = group
    this.formats = formatsOf(ports)
  }

  read(bytes: Uint8Array): Utterance | undefined {
    const [port = this.#ports.length] = bytes
    const message = this.#ports[port]?.messages.decode(bytes.subarray(1))
    return message && { port, message }
  }

  /** The message must be of its declared shape: lies that are not are made of bytes. */
  write({ port, message }: Utterance): Uint8Array {
    return concatBytes(Uint8Array.of(port), this.#ports[port]?.messages.encode(message) ?? new Uint8Array(0))
  }

  formatOf({ port, message }: Utterance): Format | undefined {
    return this.formats.find((format) => format.port === port && format.type === message.type)
  }

  roleOf(utterance: Utterance): Role | undefined {
    return this.formatOf(utterance)?.role
  }

  /** What it asks for, to be put into an order; undefined of any other message. */
  orderedBy(utterance: Utterance): PlainValue | undefined {
    const { ordered, content } = this.roleOf(utterance) ?? {}
    return ordered !== true || content === undefined ? undefined : utterance.message[content]
  }

  /** For how long others wait for such a message, milliseconds; undefined: for ever. */
  awaitedMs(utterance: Utterance): number | undefined {
    const { awaited } = this.roleOf(utterance) ?? {}
    const term = awaited === undefined ? undefined : this.#ports[utterance.port]?.terms?.[awaited]
    return typeof term === 'number' ? term : undefined
  }

  /** The message with a signature of this process's own on what it says now, where its speaker signs it. */
  resigned(env: Signing, utterance: Utterance): Utterance {
    const { path } = this.#ports[utterance.port] ?? {}
    const sign = this.roleOf(utterance)?.signed as Role['signed']
    if (sign === undefined || path === undefined) return utterance
    return {
      ...utterance,
      message: { ...utterance.message, ...sign(env, path, utterance.message) } as Message
    }
  }

  /** The instance that a message belongs to which `speaker` says to `receiver`, if any. */
  instanceOf(utterance: Utterance, speaker: ProcessId, receiver: ProcessId): Instance | undefined {
    const { instance } = this.roleOf(utterance) ?? {}
    if (instance === undefined) return undefined
    const numbers = instance.numbers.map((field) => Number(utterance.message[field]))
    const of = this.#proposer(instance.of, numbers, utterance.message, speaker, receiver)
    return { of, name: of === undefined ? numbers : [of, ...numbers] }
  }

  #proposer(
    of: NonNullable<Role['instance']>['of'],
    numbers: readonly number[],
    message: Message,
    speaker: ProcessId,
    receiver: ProcessId
  ): ProcessId | undefined {
    if (of === undefined) return undefined
    if (typeof of === 'function') return of(numbers, this.#group)
    if (of === 'speaker') return speaker
    return of === 'receiver' ? receiver : Number(message[of])
  }
}

/** All types of messages, of all ports. */
export function formatsOf(ports: readonly OpenPort[]): readonly Format[] {
  return ports.flatMap(({ messages }, port) =>
    messages.declared.map(({ type, shape, role }) => ({ port, type, fields: fieldsOf(shape), role }))
  )
}

/** Whether one of `processes` proposes in the instance, as everybody does where nobody in particular does. */
export const isOfOne = ({ of }: Instance, processes: readonly ProcessId[]): boolean =>
  of === undefined || processes.includes(of)

/** The same text for the same value, and for no other of its shape. */
export const textOf = (value: PlainValue): string =>
  JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? `bytes ${toHex(part)}` : part))

function fieldsOf(shape: ShapeDescription): Format['fields'] {
  return shape.kind === 'record' ? shape.fields.filter(([name]) => name !== 'code') : []
}
