/**
 * Writing a checkpoint, one operation of the database at a time, so that batches can be written in between. The old
 * checkpoint is good until the one write that puts the new manifest in its place; from then on the new one is. What is
 * left over at a crash (chunks without a manifest, what the new checkpoint made superfluous) is cleared at opening.
 */
import { concatBytes } from '../core/bytes.ts'
import { encode } from '../core/shapes.ts'
import { defaultBackend } from '../crypto/index.ts'
import {
  CHECKPOINT_KEY,
  CHUNKS_END,
  chunkKey,
  chunkShape,
  journalKey,
  type Manifest,
  manifestShape
} from './layout.ts'
import { type Level, SYNCED } from './level.ts'
import { CHECKSUM_BYTES, seal } from './sealed.ts'

/** A state: values are immutable, whoever else has them. */
export type Entries = readonly (readonly [key: string, value: Uint8Array])[]

/** The digest of a checkpoint: of its chunks' checksums. */
export function digestOf(chunks: readonly Uint8Array[]): Uint8Array {
  return defaultBackend.sha256(concatBytes(...chunks.map((chunk) => chunk.subarray(0, CHECKSUM_BYTES))))
}

/** The checkpoint of a new database: of nothing. */
export const FIRST_CHECKPOINT: Manifest = { number: 0, chunks: 0, keys: 0, bytes: 0, digest: digestOf([]) }

export const manifestRecord = (manifest: Manifest) => ({
  type: 'put' as const,
  key: CHECKPOINT_KEY,
  value: seal(CHECKPOINT_KEY, encode(manifestShape, manifest))
})

/**
 * Makes the state as of journal record `number` the checkpoint; each step ends with one operation.
 *
 * @param chunkBytes - a chunk ends with the value that reaches this size
 */
export async function* writeCheckpoint(
  level: Level,
  number: number,
  state: Entries,
  chunkBytes: number
): AsyncGenerator<void, Manifest> {
  const checksums: Uint8Array[] = []
  let bytes = 0
  for (const part of inParts(state, chunkBytes)) {
    const key = chunkKey(number, checksums.length)
    const value = seal(
      key,
      encode(
        chunkShape,
        part.map(([key, value]) => ({ key, value }))
      )
    )
    checksums.push(value.slice(0, CHECKSUM_BYTES))
    bytes += value.length
    await level.batch([{ type: 'put', key, value }], SYNCED)
    yield
  }
  const chunks = checksums.length
  const manifest = { number, chunks, keys: state.length, bytes, digest: digestOf(checksums) }
  await level.batch([manifestRecord(manifest)], SYNCED)
  yield
  yield* clearSuperfluous(level, manifest)
  return manifest
}

/**
 * Removes what the checkpoint made superfluous. Nothing depends on it being durable: what comes back is cleared again.
 */
export async function* clearSuperfluous(level: Level, { number, chunks }: Manifest): AsyncGenerator<void> {
  await level.clear({ gte: journalKey(0), lte: journalKey(number) })
  yield
  await level.clear({ gte: chunkKey(0, 0), lt: chunkKey(number, 0) })
  yield
  await level.clear({ gte: chunkKey(number, chunks), lt: CHUNKS_END })
}

function* inParts(state: Entries, chunkBytes: number): Generator<Entries> {
  let begin = 0
  let bytes = 0
  for (const [index, [key, value]] of state.entries()) {
    bytes += key.length + value.length
    if (bytes < chunkBytes && index < state.length - 1) continue
    yield state.slice(begin, index + 1)
    begin = index + 1
    bytes = 0
  }
}
