/**
 * A simulated disk: what was synced survives a crash, what was not is lost, or not, as the seed decides. A batch is
 * atomic: a crash in the middle of it leaves all of it or nothing.
 */
import type { Journal } from '../core/process.ts'
import type { Write } from '../core/store.ts'
import { MS, type Scheduled, type Scheduler } from './scheduler.ts'
import type { SeededRandom } from './seeded-random.ts'

/** A sync takes up to this long; milliseconds. */
const SYNC_MS_MAX = 5

export class SimulatedDisk {
  readonly #scheduler: Scheduler
  readonly #random: SeededRandom
  readonly #durable = new Map<string, Uint8Array>()
  #inFlight: { readonly batch: readonly Write[]; readonly event: Scheduled } | undefined
  /** Called before each sync, with its number in this run: where a test crashes the process. */
  onSync: ((sync: number) => void) | undefined
  #syncs = 0

  constructor(scheduler: Scheduler, random: SeededRandom) {
    this.#scheduler = scheduler
    this.#random = random
  }

  get syncs(): number {
    return this.#syncs
  }

  readonly journal: Journal = {
    append: (batch, done) => {
      this.#syncs++
      const event = this.#scheduler.after(this.#random.below(SYNC_MS_MAX * MS), () => {
        this.#inFlight = undefined
        this.#apply(batch)
        done()
      })
      this.#inFlight = { batch, event }
      this.onSync?.(this.#syncs)
    }
  }

  /** The process is gone: what was being synced is on the disk or not. */
  crash(): void {
    if (this.#inFlight === undefined) return
    const { batch, event } = this.#inFlight
    event.run = undefined
    this.#inFlight = undefined
    if (this.#random.below(2) === 0) this.#apply(batch)
  }

  /** Somebody emptied the folder. */
  erase(): void {
    this.#durable.clear()
  }

  put(key: string, value: Uint8Array): void {
    this.#durable.set(key, value)
  }

  get(key: string): Uint8Array | undefined {
    return this.#durable.get(key)
  }

  restored(prefix: string): readonly (readonly [string, Uint8Array])[] {
    const found: [string, Uint8Array][] = []
    for (const [key, value] of this.#durable)
      if (key.startsWith(prefix)) found.push([key.slice(prefix.length), value])
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  }

  #apply(batch: readonly Write[]): void {
    for (const { key, value } of batch) {
      if (value === undefined) this.#durable.delete(key)
      else this.#durable.set(key, value)
    }
  }
}
