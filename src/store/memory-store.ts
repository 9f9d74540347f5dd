/** A store in memory: for tests and benchmarks, or by name. */
import { isBulk, type Write } from '../core/store.ts'
import type { OpenStore } from './open-store.ts'
import { Snapshot } from './snapshot.ts'

/**
 * Batches are applied, and `done` is called, within `append`. Nothing but bulk is ever read again: without a map of the
 * caller's, the rest is not kept.
 *
 * @param given - where they are applied; opening another store on the same map is a restart that lost nothing,
 * which only tests can have
 */
export function openMemoryStore(given?: Map<string, Uint8Array>): OpenStore {
  const content = given ?? new Map<string, Uint8Array>()
  const snapshot = new Snapshot([...content].filter(([key]) => !isBulk(key)))
  let closed = false
  const apply = ({ key, value }: Write): void => {
    if (given === undefined && !isBulk(key)) return
    if (value === undefined) content.delete(key)
    else content.set(key, value)
  }
  return {
    journal: {
      append(batch, done) {
        if (closed) return done(new Error('the store is closed'))
        batch.forEach(apply)
        done()
      }
    },
    durability: 'memory',
    restored: (prefix) => snapshot.under(prefix),
    read: async (key) => content.get(key),
    async close() {
      closed = true
    }
  }
}
