/** Everything that a database holds but bulk, read once and sorted by kind; nothing is judged here. */
import { decode, uint } from '../core/shapes.ts'
import { OTHER_RECORDS } from './bulk.ts'
import { CHECKPOINT_KEY, FORMAT_KEY, isChunkKey, journalNumber } from './layout.ts'
import type { Level } from './level.ts'

export interface Survey {
  /** Nothing at all is in it. */
  readonly empty: boolean
  /** Undefined if it is missing or no number. */
  readonly format: number | undefined
  readonly manifest: Uint8Array | undefined
  readonly chunks: ReadonlyMap<string, Uint8Array>
  /** By number. */
  readonly journal: ReadonlyMap<number, Uint8Array>
  /** Keys that have no place in it. */
  readonly strange: readonly string[]
}

export async function surveyOf(level: Level): Promise<Survey> {
  let format: Uint8Array | undefined
  let manifest: Uint8Array | undefined
  const chunks = new Map<string, Uint8Array>()
  const journal = new Map<number, Uint8Array>()
  const strange: string[] = []
  for (const range of OTHER_RECORDS)
    for await (const [key, { buffer, byteOffset, byteLength }] of level.iterator(range)) {
      // Plain byte strings: a Node Buffer would not equal the same bytes from anywhere else.
      const value = new Uint8Array(buffer, byteOffset, byteLength)
      const number = journalNumber(key)
      if (number !== undefined) journal.set(number, value)
      else if (isChunkKey(key)) chunks.set(key, value)
      else if (key === FORMAT_KEY) format = value
      else if (key === CHECKPOINT_KEY) manifest = value
      else strange.push(key)
    }
  return {
    empty:
      format === undefined && manifest === undefined && chunks.size + journal.size + strange.length === 0,
    format: format === undefined ? undefined : decode(uint(), format),
    manifest,
    chunks,
    journal,
    strange
  }
}
