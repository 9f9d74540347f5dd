/**
 * The life number: peers remember the highest that they have seen of a process and refuse an older one, so that
 * a process whose data folder was emptied or put back cannot pass for the one that it was (DESIGN, rule 13).
 */
import { decode, encode, uint } from '../core/shapes.ts'
import { StoreFormatError } from './errors.ts'
import { type OpenStore, RESERVED_PREFIX } from './open-store.ts'

export const LIFE_KEY = `${RESERVED_PREFIX}life`

/**
 * Counts this start, once per opened store, and gives the new life number. It is durable when the promise resolves;
 * only then may the process speak.
 *
 * @param least - the lowest number that the new life may have. A host gives its wall clock, so that a life in a folder
 * that was emptied or put back has another number than the one that began there before.
 */
export async function beginLife(store: OpenStore, least = 1): Promise<number> {
  const life = Math.max(lastLife(store) + 1, least)
  await new Promise<void>((resolve, reject) => {
    store.journal.append([{ key: LIFE_KEY, value: encode(uint(), life) }], (error) =>
      error === undefined ? resolve() : reject(error)
    )
  })
  return life
}

/** The life number of the last start before this store was opened; 0 if there was none. */
export function lastLife(store: OpenStore): number {
  const record = store.restored(LIFE_KEY).find(([rest]) => rest === '')?.[1]
  if (record === undefined) return 0
  const life = decode(uint(), record)
  if (life === undefined) throw new StoreFormatError('the life number in the data folder is damaged')
  return life
}
