/** What the entries of the specifications are made with. */
import type { Message, Messages } from '../../src/core/messages.ts'
import { decode, encode, type Shape } from '../../src/core/shapes.ts'
import type { Codec, Specification } from './fixture.ts'

export const shaped = (shape: Shape<never>): Codec => ({
  encode: (value) => encode(shape, value),
  decode: (encoded) => decode(shape, encoded)
})

/** Bytes that are only ever made: contexts, statements, hashes. */
export const made = (encode: Codec['encode']): Codec => ({ encode })

export function messageEntries(
  protocol: string,
  messages: Messages<never>,
  values: readonly object[]
): Specification['entries'] {
  const codec: Codec = {
    encode: (value) => messages.encode(value),
    decode: (encoded) => messages.decode(encoded)
  }
  const signed = (value: object) => ('signature' in value && value.signature !== null ? ', signed' : '')
  return values.map((value) => ({
    name: `${protocol} ${(value as Message).type}${signed(value)}`,
    value,
    codec
  }))
}
