/** Reading and writing the messages of a stack without knowing the stack: its open ports tell their shapes. */
import { concatBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import type { ShapeDescription } from '../core/shapes.ts'
import type { SpokenPort } from '../links/ports.ts'

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
}

/** What a broadcast is named by. */
export interface InstanceName {
  readonly sender: ProcessId
  readonly sequence: number
}

export class Wire {
  readonly #ports: readonly SpokenPort[]
  /** All types of messages, of all ports. */
  readonly formats: readonly Format[]

  constructor(ports: readonly SpokenPort[]) {
    this.#ports = ports
    this.formats = ports.flatMap(({ messages }, port) =>
      messages.declared.map(({ type, shape }) => ({ port, type, fields: fieldsOf(shape) }))
    )
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
}

/**
 * The instance that a message speaks of, if any. A message that names no sender is taken to speak of its speaker's
 * own instance (SEND, FINAL); for an ECHO of signed echo, which speaks of its receiver's, that is wrong, and harmless.
 */
export function instanceOf({ message }: Utterance, speaker: ProcessId): InstanceName | undefined {
  const { sender = speaker, sequence } = message
  return typeof sender === 'number' && typeof sequence === 'number' ? { sender, sequence } : undefined
}

/** A vote names an instance and a digest; a PULL does too, but asks. */
export function isVote({ type, fields }: Format): boolean {
  if (type === 'PULL') return false
  const names = fields.map(([name]) => name)
  return names.includes('sender') && names.includes('sequence') && names.includes('digest')
}

function fieldsOf(shape: ShapeDescription): Format['fields'] {
  return shape.kind === 'record' ? shape.fields.filter(([name]) => name !== 'code') : []
}
