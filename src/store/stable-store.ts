/** Joins a process to its store: what its components write in a turn goes to the journal as that turn's batch. */
import { assert } from '../core/assert.ts'
import type { Process } from '../core/process.ts'
import type { StableStore } from '../core/store.ts'
import { type OpenStore, RESERVED_PREFIX } from './open-store.ts'

/** The store as the process's environment hands it to components. `process` must have `open.journal` as its own. */
export function stableStore(process: Process, open: OpenStore): StableStore {
  const write = (key: string, value: Uint8Array | undefined): void => {
    assert(!key.startsWith(RESERVED_PREFIX), () => `a component's key does not begin with ${RESERVED_PREFIX}`)
    process.write({ key, value })
  }
  return {
    put: (key, value) => write(key, value),
    delete: (key) => write(key, undefined),
    restored: (prefix) => open.restored(prefix),
    // Not before what was written is durable: the database alone is asked, not what is on its way there.
    read: (key, then) =>
      process.whenDurable(() => {
        open.read(key).then(
          (value) => process.input(() => then(value)),
          // What was acknowledged is lost or changed: the process stops, as at the start.
          (error: unknown) =>
            process.input(() => {
              throw error
            })
        )
      })
  }
}
