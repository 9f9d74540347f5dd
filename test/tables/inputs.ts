/** What tables are made of: all combinations of a few values, and whether a function tells them apart. */
import { toHex } from '../../src/core/bytes.ts'
import type { Row } from './table.ts'

/** One of each list, in every combination. */
export function* product<const T extends readonly (readonly unknown[])[]>(
  ...lists: T
): Generator<{ -readonly [K in keyof T]: T[K][number] }> {
  const [first, ...rest] = lists
  if (first === undefined) {
    yield [] as never
    return
  }
  for (const one of first) for (const others of product(...rest)) yield [one, ...others] as never
}

/** All sequences of so many of the values, or of fewer. */
export function* sequences<T>(values: readonly T[], lengthMax: number): Generator<readonly T[]> {
  for (let length = 0; length <= lengthMax; length++)
    yield* product(...Array.from({ length }, () => values)) as Generator<readonly T[]>
}

/** Whether each value has a name that none of the others has. */
export function* toldApart<T>(
  values: Iterable<T>,
  nameOf: (value: T) => string | Uint8Array,
  told: (value: T) => string = (value) => JSON.stringify(value)
): Generator<Row> {
  const known = new Map<string, T>()
  for (const value of values) {
    const named = nameOf(value)
    const name = typeof named === 'string' ? named : toHex(named)
    const other = known.get(name)
    yield [other === undefined, () => `${told(value)} is ${told(other as T)} to it`]
    known.set(name, value)
  }
}
