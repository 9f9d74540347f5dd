/** What every file here asks of a byte string before it is used. */
import { InvalidParametersError } from '../core/errors.ts'

/**
 * The longest message that either backend takes, in bytes. node:crypto throws above it; noble would not, and
 * the two must agree. What is read from a network is bounded far below it.
 */
const MESSAGE_MAX_BYTES = 2 ** 31 - 1

/**
 * Whether a value of unknown origin really is a byte string. `isView` looks at the object's internal slot,
 * so that a proxy or an imitation, whose `length` would throw when asked, is not taken for one.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array
}

/** Whether a value of unknown origin can be a message. */
export function isMessage(value: unknown): value is Uint8Array {
  return isBytes(value) && value.length <= MESSAGE_MAX_BYTES
}

/**
 * Compares two byte strings in a time that depends on their lengths alone. False for anything that is not a
 * byte string.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (!isBytes(a) || !isBytes(b) || a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

/** @throws {InvalidParametersError} unless the local caller's argument is a byte string of that length */
export function requireLength(name: string, value: Uint8Array, length: number): void {
  if (!isBytes(value)) throw new InvalidParametersError(`${name} must be a Uint8Array of ${length} bytes`)
  if (value.length === length) return
  throw new InvalidParametersError(`${name} must be ${length} bytes long, not ${value.length}`)
}

/** @throws {InvalidParametersError} unless the local caller's argument is a byte string, and not too long */
export function requireMessage(name: string, value: Uint8Array): void {
  if (isMessage(value)) return
  throw new InvalidParametersError(`${name} must be a Uint8Array of at most ${MESSAGE_MAX_BYTES} bytes`)
}
