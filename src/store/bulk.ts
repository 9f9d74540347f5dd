/**
 * Bulk on the database: each value is a sealed record of its own, `bulk/KEY`, written in one operation with the journal
 * record of its batch, which has the record's checksum in the value's place. So what is in memory and in checkpoints of
 * a value of any size is a checksum, and at opening it is known of every value whether it is the one that was written
 * last; they are looked at one at a time.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import { BULK_PREFIX, isBulk, type Write } from '../core/store.ts'
import { StoreDamagedError } from './errors.ts'
import type { Level } from './level.ts'
import { CHECKSUM_BYTES, seal, unseal } from './sealed.ts'

const RECORDS = 'bulk/'
/** After every key of the prefix: the character after `/`. */
const RECORDS_END = 'bulk0'

/** All keys of the database that are records of bulk, and all that are not. */
const BULK_RECORDS = { gte: RECORDS, lt: RECORDS_END }
export const OTHER_RECORDS: readonly { readonly lt?: string; readonly gte?: string }[] = [
  { lt: RECORDS },
  { gte: RECORDS_END }
]

const recordKey = (key: string): string => RECORDS + key.slice(BULK_PREFIX.length)
const componentKey = (record: string): string => BULK_PREFIX + record.slice(RECORDS.length)

type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** What the journal has of a batch, and what is written beside it. */
export function withoutBulk(batch: readonly Write[]): { journalled: Write[]; operations: Operation[] } {
  const operations: Operation[] = []
  const journalled = batch.map((write): Write => {
    const { key, value } = write
    if (!isBulk(key)) return write
    const record = recordKey(key)
    if (value === undefined) {
      operations.push({ type: 'del', key: record })
      return write
    }
    const sealed = seal(record, value)
    operations.push({ type: 'put', key: record, value: sealed })
    return { key, value: sealed.slice(0, CHECKSUM_BYTES) }
  })
  return { journalled, operations }
}

/** @throws {StoreDamagedError} if there is something else than what was written */
export async function readBulk(level: Level, name: string, key: string): Promise<Uint8Array | undefined> {
  const record = recordKey(key)
  const sealed = await level.get(record)
  if (sealed === undefined) return undefined
  const value = unseal(record, sealed)
  if (value === undefined) throw damaged(name, record, 'is not what was written (its checksum differs)')
  // A plain byte string, not the database's Buffer.
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/**
 * Compares all of it with what the state has of it, and names what the state knows nothing of (a deletion that the
 * database has lost).
 *
 * @throws {StoreDamagedError} that names the first record that is missing or not what was written
 */
export async function checkBulk(
  level: Level,
  name: string,
  state: ReadonlyMap<string, Uint8Array>
): Promise<readonly string[]> {
  const superfluous: string[] = []
  const seen = new Set<string>()
  for await (const [record, sealed] of level.iterator(BULK_RECORDS)) {
    const key = componentKey(record)
    const checksum = state.get(key)
    if (checksum === undefined) {
      superfluous.push(record)
      continue
    }
    seen.add(key)
    // The checksum within alone would be that of an older value too.
    if (!sameBytes(sealed.subarray(0, CHECKSUM_BYTES), checksum) || unseal(record, sealed) === undefined)
      throw damaged(name, record, 'is not what was written (its checksum differs)')
  }
  for (const [key, checksum] of state)
    if (isBulk(key) && !seen.has(key)) throw damaged(name, recordKey(key), `is missing (${toHex(checksum)})`)
  return superfluous
}

const damaged = (name: string, record: string, what: string) =>
  new StoreDamagedError(`${name} is damaged: record ${record} ${what}`)
