/**
 * The highest life number seen of each member, durable (decision 0012): a peer that comes back with an older one
 * runs on a restored or an emptied data folder and would contradict what it said before.
 */
import type { ProcessId } from '../core/group.ts'
import { decode, encode, uint } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore } from '../core/store.ts'

const PREFIX = 'life/'

export class Lives {
  readonly #store: StableStore
  readonly #highest = new Map<ProcessId, number>()

  constructor(store: StableStore) {
    this.#store = store
    for (const [key, value] of store.restored(PREFIX)) {
      this.#highest.set(fromNumericKey(key), decode(uint(), value) ?? 0)
    }
  }

  highest(peer: ProcessId): number {
    return this.#highest.get(peer) ?? 0
  }

  /** `peer` has shown that it lives its life number `life`. */
  raise(peer: ProcessId, life: number): void {
    if (life <= this.highest(peer)) return
    this.#highest.set(peer, life)
    this.#store.put(PREFIX + numericKey(peer), encode(uint(), life))
  }
}
