/** The database, as the store uses it. */
import type { AbstractBatchOptions, AbstractLevel } from 'abstract-level'

/** Keys are text and values are bytes, whatever the database makes of them inside. */
export type Level = AbstractLevel<string | Uint8Array, string, Uint8Array>

/** LevelDB's option, which the abstract type does not know: the batch is on the disk when it is done. */
export const SYNCED: AbstractBatchOptions<string, Uint8Array> & { readonly sync: true } = { sync: true }
