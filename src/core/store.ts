/**
 * Stable storage as a component sees it: what it writes in a turn becomes durable as one atomic batch, and
 * nothing that the turn made visible leaves before that (the host sees to it, see process.ts).
 */

/** One change of a batch; `undefined` deletes. */
export interface Write {
  readonly key: string
  readonly value: Uint8Array | undefined
}

/**
 * Keys that begin so hold bulk: values that are read when they are needed. They are not restored at the start, and need
 * be in no memory and no checkpoint.
 */
export const BULK_PREFIX = '*'

export interface StableStore {
  /** Part of this turn's batch. A later write of the same key in the same turn wins. */
  put(key: string, value: Uint8Array): void
  delete(key: string): void
  /**
   * What was durable under the keys that start with `prefix` when this process started, in key order, with the
   * prefix removed; no bulk. To be read at construction only: what is written later does not show in it.
   */
  restored(prefix: string): readonly (readonly [key: string, value: Uint8Array])[]
  /**
   * Reads bulk. The answer is an event of a later turn: what is durable then, at least all that was written up to and
   * including this turn; undefined if there is nothing under the key.
   */
  read(key: string, then: (value: Uint8Array | undefined) => void): void
}

/** A view of `store` in which every key starts with `prefix`; those of bulk, with it after their mark. */
export function scopedStore(store: StableStore, prefix: string): StableStore {
  const scoped = (key: string) =>
    isBulk(key) ? BULK_PREFIX + prefix + key.slice(BULK_PREFIX.length) : prefix + key
  return {
    put: (key, value) => store.put(scoped(key), value),
    delete: (key) => store.delete(scoped(key)),
    restored: (inner) => store.restored(prefix + inner),
    read: (key, then) => store.read(scoped(key), then)
  }
}

export const isBulk = (key: string): boolean => key.startsWith(BULK_PREFIX)

/** Unsigned integers as keys: fixed width, so that key order is numeric order. */
export function numericKey(value: number): string {
  return value.toString(16).padStart(14, '0')
}

/** The inverse of {@link numericKey}. */
export function fromNumericKey(key: string): number {
  return Number.parseInt(key, 16)
}
