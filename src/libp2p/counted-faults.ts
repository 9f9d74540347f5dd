/**
 * The faults that were seen: one entry for each member and kind, whatever happens, so that neither memory nor the
 * log grows with what a Byzantine member does.
 */
import type { Certainty, Fault } from '../core/fault.ts'
import type { CountedFault } from './service.ts'

/** A fault of a member and kind is told again at most this often: a report must not cost more than the fault. */
const FAULT_INTERVAL_MS = 1000

const RANKING: readonly Certainty[] = ['suspected', 'certain', 'proven']

interface Entry {
  fault: Fault
  count: number
  readonly firstSeen: number
  toldMs: number
}

export class CountedFaults {
  readonly #entries = new Map<string, Entry>()

  get list(): readonly CountedFault[] {
    return [...this.#entries.values()].map(({ fault, count, firstSeen }) => ({ fault, count, firstSeen }))
  }

  /** Faults of all members and kinds. */
  get total(): number {
    let total = 0
    for (const { count } of this.#entries.values()) total += count
    return total
  }

  /** @returns whether it is worth telling: new, more certain than before, or not told for a while; and how new */
  add(fault: Fault): 'new' | 'again' | undefined {
    const key = `${fault.process}/${fault.kind}`
    const now = performance.now()
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      this.#entries.set(key, { fault, count: 1, firstSeen: Date.now(), toldMs: now })
      return 'new'
    }
    entry.count++
    if (RANKING.indexOf(fault.certainty) > RANKING.indexOf(entry.fault.certainty)) {
      entry.fault = fault
      entry.toldMs = now
      return 'new'
    }
    if (now - entry.toldMs < FAULT_INTERVAL_MS) return undefined
    entry.toldMs = now
    return 'again'
  }
}
