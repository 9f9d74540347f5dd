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
 * @param first - the number of the first life in this store. A host gives its wall clock, so that the first life in a
 * folder that was emptied has another number than the first one before it.
 */
export async function beginLife(store: OpenStore, first = 1): Promise<number> {
  const last = lastLife(store)
  const life = last === 0 ? first : last + 1
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
