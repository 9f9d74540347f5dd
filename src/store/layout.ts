/**
 * What the database holds: a checkpoint, which is the whole state as of one batch, and the journal, one numbered record
 * for each batch since. Components' keys are within them, never keys of the database, but for those of bulk.
 *
 *     #format                      version of this layout, the one value that is not sealed
 *     #checkpoint                  the manifest: which chunks are the checkpoint
 *     chunk/NUMBER/INDEX           a part of the state as of journal record NUMBER
 *     journal/NUMBER               the writes of one batch
 *     bulk/KEY                     a value of bulk, of which the others have the checksum; see bulk.ts
 */
import { bytes, digest, list, optional, record, text, uint, type ValueOf } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type Write } from '../core/store.ts'
import { RESERVED_PREFIX } from './open-store.ts'

/** Version of what the keys and values mean; another one is refused, never guessed at. */
export const FORMAT_VERSION = 2

export const FORMAT_KEY = `${RESERVED_PREFIX}format`
export const CHECKPOINT_KEY = `${RESERVED_PREFIX}checkpoint`

/** Sealed with its key, so that a record is good only under its own number. */
export const journalKey = (number: number): string => `journal/${numericKey(number)}`
export const chunkKey = (number: number, index: number): string =>
  `chunk/${numericKey(number)}/${numericKey(index)}`

/** After every key of the prefix: the character after `/`. */
export const CHUNKS_END = 'chunk0'

/** The number of a journal record, if this is the key of one. */
export function journalNumber(key: string): number | undefined {
  const [, digits] = /^journal\/([0-9a-f]{14})$/.exec(key) ?? []
  return digits === undefined ? undefined : fromNumericKey(digits)
}

export const isChunkKey = (key: string): boolean => /^chunk\/[0-9a-f]{14}\/[0-9a-f]{14}$/.test(key)

/** A process encodes what is its own: what bounds it are the bounds of its components. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER

const keyShape = text(UNBOUNDED)
const valueShape = bytes(UNBOUNDED)

/** The writes of a batch, in their order; no value deletes. */
export const batchShape = list(record({ key: keyShape, value: optional(valueShape) }), UNBOUNDED)

export type EncodedWrite = ValueOf<typeof batchShape>[number]

export const encodable = ({ key, value }: Write): EncodedWrite => ({ key, value: value ?? null })

export const chunkShape = list(record({ key: keyShape, value: valueShape }), UNBOUNDED)

/** What makes a checkpoint of chunks. */
export const manifestShape = record({
  /** The journal record whose batch was the last one in it; 0 before the first. */
  number: uint(),
  chunks: uint(),
  /** Keys in all chunks. */
  keys: uint(),
  /** Of all chunks, as they are stored. */
  bytes: uint(),
  /** Of the checksums of the chunks, in their order. */
  digest
})

export type Manifest = ValueOf<typeof manifestShape>
