/**
 * Stable storage as a host sees it: what survived the last life, and a journal for this one. Components see the
 * narrower `StableStore` of core (see stable-store.ts).
 */
import type { Journal } from '../core/process.ts'

/**
 * - `disk`: a batch survives a crash of the machine once its `done` was called.
 * - `memory`: nothing survives the process, which therefore never restarts as itself (decision 0012).
 */
export type Durability = 'disk' | 'memory'

export interface OpenStore {
  readonly journal: Journal
  readonly durability: Durability
  /**
   * What was durable at opening under the keys that start with `prefix`, in key order (by UTF-16 code units, on
   * every kind of store), with the prefix removed; no bulk.
   */
  restored(prefix: string): readonly (readonly [key: string, value: Uint8Array])[]
  /** What is durable now under a key of bulk. @throws {StoreDamagedError} if it is not what was written */
  read(key: string): Promise<Uint8Array | undefined>
  /** Waits for the batches in flight, then lets go of the folder. */
  close(): Promise<void>
}

/** Keys that begin so belong to the store itself (format, life number), never to a component. */
export const RESERVED_PREFIX = '#'
