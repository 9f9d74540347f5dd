/**
 * The state that a database holds, or what is wrong with it. Everything that was acknowledged is there and whole, or
 * the member does not start: one that has forgotten a vote without knowing is Byzantine.
 */
import { sameBytes } from '../core/bytes.ts'
import { decode, type Shape } from '../core/shapes.ts'
import type { Write } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { digestOf } from './checkpoint.ts'
import { StoreDamagedError, StoreFormatError } from './errors.ts'
import {
  batchShape,
  CHECKPOINT_KEY,
  chunkKey,
  chunkShape,
  FORMAT_VERSION,
  journalKey,
  type Manifest,
  manifestShape
} from './layout.ts'
import { unseal } from './sealed.ts'
import type { Survey } from './survey.ts'

export interface Recovered {
  readonly checkpoint: Manifest
  /** The number of the last journal record, in the checkpoint or after it; 0 if nothing was written yet. */
  readonly last: number
  /** Bytes of the records since the checkpoint. */
  readonly journalBytes: number
  readonly state: ReadonlyMap<string, Uint8Array>
}

/**
 * @param name - of the database, for errors
 * @throws {StoreFormatError} if the database is of another format, or none of ours
 * @throws {StoreDamagedError} that names the first record that is missing or not what was written
 */
export function recover(survey: Survey, name: string): Recovered {
  checkFormat(survey, name)
  try {
    const state = new Map<string, Uint8Array>()
    const checkpoint = readCheckpoint(survey, state)
    return { checkpoint, ...readJournal(survey, checkpoint, state), state }
  } catch (error) {
    if (error instanceof Damage) throw new StoreDamagedError(`${name} is damaged: ${error.message}`)
    throw error
  }
}

export function apply(state: Map<string, Uint8Array>, { key, value }: Write): void {
  if (value === undefined) state.delete(key)
  else state.set(key, value)
}

function checkFormat({ format, strange, manifest }: Survey, name: string): void {
  if (format === FORMAT_VERSION) return
  if (format === undefined) {
    // Ours all the same, if the rest is: then it has lost the record that says so.
    throw manifest !== undefined && strange.length === 0
      ? new StoreDamagedError(`${name} is damaged: its format record is missing or changed`)
      : new StoreFormatError(`${name} is one that byzkit did not write`)
  }
  throw new StoreFormatError(
    `${name} has store format ${format}, this version of byzkit uses ${FORMAT_VERSION} and converts none: ` +
      'run the version that wrote it, or found a new group with new keys and empty data folders'
  )
}

/** What is wrong, in words; becomes an error that names the database. */
class Damage extends Error {}

function readCheckpoint(survey: Survey, state: Map<string, Uint8Array>): Manifest {
  const [strange] = survey.strange
  if (strange !== undefined)
    throw new Damage(`a record has the key ${JSON.stringify(strange)}, which none has`)
  const manifest = opened(CHECKPOINT_KEY, survey.manifest, manifestShape, 'the manifest of the checkpoint')
  const { number, chunks, keys, digest } = manifest
  const sealed: Uint8Array[] = []
  for (let index = 0; index < chunks; index++) {
    const key = chunkKey(number, index)
    const chunk = survey.chunks.get(key)
    const entries = opened(key, chunk, chunkShape, `chunk ${index} of checkpoint ${number}`)
    for (const { key, value } of entries) state.set(key, value)
    if (chunk !== undefined) sealed.push(chunk)
  }
  if (state.size !== keys || !sameBytes(digestOf(sealed), digest))
    throw new Damage(`checkpoint ${number} is not what its manifest says`)
  return manifest
}

/** Records up to the checkpoint's are left over, if there are any: nobody reads them. */
function readJournal(
  { journal }: Survey,
  { number }: Manifest,
  state: Map<string, Uint8Array>
): Pick<Recovered, 'last' | 'journalBytes'> {
  let last = number
  for (const found of journal.keys()) last = Math.max(last, found)
  let journalBytes = 0
  for (let next = number + 1; next <= last; next++) {
    const sealed = journal.get(next)
    for (const { key, value } of opened(journalKey(next), sealed, batchShape, `journal record ${next}`))
      apply(state, { key, value: value ?? undefined })
    journalBytes += sealed?.length ?? 0
  }
  return { last, journalBytes }
}

function opened<T extends PlainValue>(
  key: string,
  sealed: Uint8Array | undefined,
  shape: Shape<T>,
  what: string
): T {
  if (sealed === undefined) throw new Damage(`${what} is missing`)
  const body = unseal(key, sealed)
  const value = body === undefined ? undefined : decode(shape, body)
  if (value === undefined) throw new Damage(`${what} is not what was written (its checksum differs)`)
  return value
}
