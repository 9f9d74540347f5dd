/** Drawing from a process's own randomness. */
import { assert } from '../core/assert.ts'
import type { Random } from '../core/random.ts'

/** True once in `times` cases. */
export function oneIn(times: number, random: Random): boolean {
  return random.below(times) === 0
}

export function pick<T>(values: readonly T[], random: Random): T {
  const value = values[random.below(values.length)]
  assert(value !== undefined, 'a value to pick')
  return value
}

export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const rest = [...values]
  const drawn: T[] = []
  while (rest.length > 0) drawn.push(...rest.splice(random.below(rest.length), 1))
  return drawn
}

/** The bytes with one bit flipped; empty bytes get one byte. */
export function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random.below(256))
  const flipped = Uint8Array.from(bytes)
  const at = random.below(bytes.length)
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
  return flipped
}
