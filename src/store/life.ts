/**
 * The life number: peers remember the highest that they have seen of a process and refuse an older one, so that
 * a process whose data folder was emptied or put back cannot pass for the one that it was (decision 0012).
 */
import { decode, encode, list, uint } from '../core/shapes.ts'
import { EARLIER_LIVES_MAX } from '../links/constants.ts'
import { StoreFormatError } from './errors.ts'
import { type OpenStore, RESERVED_PREFIX } from './open-store.ts'

export const LIFE_KEY = `${RESERVED_PREFIX}life`

/** How many lives before this one a store remembers. */
const LIVES_KEPT_MAX = EARLIER_LIVES_MAX + 1

const livesShape = list(uint(), LIVES_KEPT_MAX)

/**
 * Counts this start, once per opened store, and gives the new life number. It is durable when the promise resolves;
 * only then may the process speak.
 *
 * @param least - the lowest number that the new life may have. A host gives its wall clock, so that a life in a folder
 * that was emptied or put back has another number than the one that began there before.
 */
export async function beginLife(store: OpenStore, least = 1): Promise<number> {
  const before = livesOf(store)
  const life = Math.max((before.at(-1) ?? 0) + 1, least)
  const lives = [...before, life].slice(-LIVES_KEPT_MAX)
  await new Promise<void>((resolve, reject) => {
    store.journal.append([{ key: LIFE_KEY, value: encode(livesShape, lives) }], (error) =>
      error === undefined ? resolve() : reject(error)
    )
  })
  return life
}

/** The life number of the last start before this store was opened; 0 if there was none. */
export const lastLife = (store: OpenStore): number => livesOf(store).at(-1) ?? 0

/** The lives before this store was opened whose store it is, the oldest first: at most the last EARLIER_LIVES_MAX. */
export const earlierLives = (store: OpenStore): readonly number[] => livesOf(store).slice(-EARLIER_LIVES_MAX)

/** The lives in the record of them, the oldest first; undefined if it is damaged. */
export const decodeLives = (record: Uint8Array): readonly number[] | undefined => decode(livesShape, record)

function livesOf(store: OpenStore): readonly number[] {
  const record = store.restored(LIFE_KEY).find(([rest]) => rest === '')?.[1]
  if (record === undefined) return []
  const lives = decodeLives(record)
  if (lives === undefined) throw new StoreFormatError('the life numbers in the data folder are damaged')
  return lives
}
