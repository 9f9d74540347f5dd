/**
 * A fixture: a value and the bytes that stand for it. Its codec is today's code; a fixture that does not fit it any
 * more says that the format has changed.
 */
import { fromHex, sameBytes, toHex } from '../../src/core/bytes.ts'

/** As it stands in the file: byte strings are `{"hex": "..."}`. */
export interface Fixture {
  readonly name: string
  readonly value: unknown
  readonly bytes: string
}

export interface Codec {
  encode(value: never): Uint8Array
  /** Undefined for bytes that are no encoding. Absent where bytes are only ever made, as those of a signed statement. */
  decode?: ((bytes: Uint8Array) => unknown) | undefined
}

/** What makes one file of fixtures. */
export interface Specification {
  /** Of the file under test/vectors/wire/. */
  readonly file: string
  readonly about: string
  readonly entries: readonly { readonly name: string; readonly value: unknown; readonly codec: Codec }[]
}

export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: toHex(value) }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toJson(inner)]))
}

export function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value !== 'object' || value === null) return value
  const { hex } = value as { readonly hex?: unknown }
  if (typeof hex === 'string') return fromHex(hex)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fromJson(inner)]))
}

/** Judges fixtures of one value: what is wrong, or undefined if today's code makes their bytes of it, and it of them. */
export function judgeOf(value: unknown, { encode, decode }: Codec): (bytes: string) => string | undefined {
  const made = encode(fromJson(value) as never)
  return (bytes) => mismatch(value, made, bytes, decode)
}

function mismatch(
  value: unknown,
  made: Uint8Array,
  bytes: string,
  decode: Codec['decode']
): string | undefined {
  const wanted = fromHex(bytes)
  if (!sameBytes(made, wanted)) return `encoded as ${toHex(made)}`
  if (decode === undefined) return undefined
  const read = JSON.stringify(toJson(decode(wanted)))
  return read === JSON.stringify(value) ? undefined : `decoded as ${read}`
}

/** The same fixture with other bytes: each bit flipped alone, one byte less, one byte more. */
export function mutations({ bytes, ...rest }: Fixture): Fixture[] {
  const whole = fromHex(bytes)
  const flipped = Array.from({ length: whole.length * 8 }, (_, bit) =>
    whole.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
  )
  return [...flipped, whole.subarray(0, -1), Uint8Array.of(...whole, 0)].map((mutated) => ({
    ...rest,
    bytes: toHex(mutated)
  }))
}
