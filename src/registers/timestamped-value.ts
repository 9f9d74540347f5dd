/**
 * A value with the timestamp of its write: what processes of the crash model, which trust each other, keep and show of
 * a register. The initial value has none: where one may stand, null stands for it.
 */
import { bytes, record, timestamp, uint, type ValueOf } from '../core/shapes.ts'
import { REGISTER_WRITERS_MAX, SIGNED_VALUE_BYTES_MAX } from './constants.ts'
import type { ReadResult } from './register.ts'

export const timestampedValueShape = record({
  /** From 1 on. */
  timestamp,
  /** Index into the register's writers; 0 where there is one writer. */
  writer: uint(REGISTER_WRITERS_MAX - 1),
  value: bytes(SIGNED_VALUE_BYTES_MAX)
})

export type TimestampedValue = ValueOf<typeof timestampedValueShape>

/** By timestamp, then by writer: no two writes of one register are equal in it. */
export function compareTimestamped(a: TimestampedValue | null, b: TimestampedValue | null): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  return a.timestamp - b.timestamp || a.writer - b.writer
}

/** The book's `highest`. */
export function highestTimestamped(values: Iterable<TimestampedValue | null>): TimestampedValue | null {
  let top: TimestampedValue | null = null
  for (const value of values) if (compareTimestamped(value, top) > 0) top = value
  return top
}

/** What a read returns of it. */
export const readResult = (found: TimestampedValue | null): ReadResult => ({
  value: found?.value ?? null,
  timestamp: found?.timestamp ?? 0
})
