/**
 * Stable storage as a component sees it: what it writes in a turn becomes durable as one atomic batch, and
 * nothing that the turn made visible leaves before that (the host sees to it, see process.ts).
 */

/** One change of a batch; `undefined` deletes. */
export interface Write {
  readonly key: string
  readonly value: Uint8Array | undefined
}

export interface StableStore {
  /** Part of this turn's batch. A later write of the same key in the same turn wins. */
  put(key: string, value: Uint8Array): void
  delete(key: string): void
  /**
   * What was durable under the keys that start with `prefix` when this process started, in key order, with the
   * prefix removed. To be read at construction only: what is written later does not show in it.
   */
  restored(prefix: string): readonly (readonly [key: string, value: Uint8Array])[]
}

/** A view of `store` in which every key starts with `prefix`. */
export function scopedStore(store: StableStore, prefix: string): StableStore {
  return {
    put: (key, value) => store.put(prefix + key, value),
    delete: (key) => store.delete(prefix + key),
    restored: (inner) => store.restored(prefix + inner)
  }
}

/** Unsigned integers as keys: fixed width, so that key order is numeric order. */
export function numericKey(value: number): string {
  return value.toString(16).padStart(14, '0')
}

/** The inverse of {@link numericKey}. */
export function fromNumericKey(key: string): number {
  return Number.parseInt(key, 16)
}
