/**
 * What a liar has seen in messages, by the name of the field: so that what it makes up is near the truth (a sequence
 * number in use, a digest that others vote for, a signature of somebody else, out of its place).
 * Space: REMEMBERED_MAX values for each name.
 */
import type { Message } from '../core/messages.ts'
import type { Random } from '../core/random.ts'
import type { PlainValue } from '../core/trace.ts'
import { pick } from './draw.ts'

const REMEMBERED_MAX = 32

export class Memory {
  readonly #numbers = new Map<string, number[]>()
  readonly #bytes = new Map<string, Uint8Array[]>()

  learn(message: Message): void {
    for (const [field, value] of Object.entries(message)) this.#learn(field, value)
  }

  /** One of the numbers seen in that field and fitting there, if any. */
  number(field: string, max: number, random: Random): number | undefined {
    const seen = (this.#numbers.get(field) ?? []).filter((value) => value <= max)
    return seen.length === 0 ? undefined : pick(seen, random)
  }

  bytes(field: string, min: number, max: number, random: Random): Uint8Array | undefined {
    const seen = (this.#bytes.get(field) ?? []).filter(({ length }) => length >= min && length <= max)
    return seen.length === 0 ? undefined : pick(seen, random)
  }

  #learn(field: string, value: PlainValue): void {
    if (typeof value === 'number') remember(this.#numbers, field, value)
    else if (value instanceof Uint8Array) remember(this.#bytes, field, value)
    else if (Array.isArray(value)) for (const element of value) this.#learn(field, element)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) this.#learn(name, inner)
    }
  }
}

function remember<T>(memory: Map<string, T[]>, field: string, value: T): void {
  const seen = memory.get(field) ?? []
  seen.push(value)
  if (seen.length > REMEMBERED_MAX) seen.shift()
  memory.set(field, seen)
}
