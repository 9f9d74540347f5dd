/** Small helpers on byte strings that every layer needs. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const DIGIT_CODES = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** Of digests and keys, which are names of things everywhere. */
const NAME_BYTES = 32
const nameCodes: number[] = Array.from({ length: 2 * NAME_BYTES }, () => 0)

export function toHex(bytes: Uint8Array): string {
  if (bytes.length === NAME_BYTES) return nameToHex(bytes)
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

/** In one piece: a text that is put together of pieces leaves each of its beginnings to the collector. */
function nameToHex(name: Uint8Array): string {
  let at = 0
  for (const byte of name) {
    nameCodes[at++] = DIGIT_CODES[byte >>> 4] as number
    nameCodes[at++] = DIGIT_CODES[byte & 0x0f] as number
  }
  return String.fromCharCode(...nameCodes)
}

/** @throws {SyntaxError} if the text is not an even number of lower-case hexadecimal digits */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text))
    throw new SyntaxError('expected an even number of lower-case hex digits')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** Plain comparison for public values (digests, keys); MACs are compared in constant time, in crypto/. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The order of byte strings, shorter first where one begins the other: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
