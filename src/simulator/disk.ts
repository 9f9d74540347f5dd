/**
 * A simulated disk: what was synced survives a crash; what was being synced is there, or is not, or is there in part.
 * It is a log of batches as on a real disk, each with a mark of its end: recovery drops a batch whose end is missing,
 * so that a batch is atomic even where its write was torn.
 */
import type { Journal } from '../core/process.ts'
import { isBulk, type Write } from '../core/store.ts'
import type { Choices } from './choices.ts'
import { SYNC_US } from './schedule.ts'
import type { Scheduled, Scheduler } from './scheduler.ts'

/** A sync failed: nobody knows what the disk holds, and the process must stop. */
export class DiskError extends Error {
  override name = 'DiskError'
  /** Microseconds until the process is started again. */
  readonly downUs: number

  constructor(sync: number, downUs: number) {
    super(`sync ${sync} of the disk failed`)
    this.downUs = downUs
  }
}

interface Sync {
  readonly number: number
  readonly batch: readonly Write[]
  readonly event: Scheduled
}

export interface DiskInit {
  readonly process: number
  readonly scheduler: Scheduler
  readonly choices: Choices
  /** Which of simultaneous events of the scheduler comes first. */
  readonly precedence: number
  /** Told of a torn batch that recovery dropped. */
  readonly onTornBatch?: () => void
}

export class SimulatedDisk {
  readonly #init: DiskInit
  readonly #durable = new Map<string, Uint8Array>()
  #inFlight: Sync | undefined
  /** The part of the last batch that reached the disk without its end. */
  #torn: readonly Write[] | undefined
  /** Called before each sync, with its number in this run: where a test crashes the process. */
  onSync: ((sync: number) => void) | undefined
  #syncs = 0
  #slowestUs = 0

  constructor(init: DiskInit) {
    this.#init = init
  }

  /** Whether a sync is under way. */
  get syncing(): boolean {
    return this.#inFlight !== undefined
  }

  get syncs(): number {
    return this.#syncs
  }

  /** The longest that a sync took, microseconds. */
  get slowestUs(): number {
    return this.#slowestUs
  }

  readonly journal: Journal = {
    append: (batch, done) => {
      const { process, scheduler, choices, precedence } = this.#init
      const number = ++this.#syncs
      const downUs = choices.syncFails(process, number, scheduler.now)
      const at = scheduler.now + SYNC_US + choices.sync(process, number)
      this.#slowestUs = Math.max(this.#slowestUs, at - scheduler.now)
      const event = scheduler.at(
        at,
        () => {
          if (downUs !== undefined) {
            // The batch stays in flight: it is decided in the crash that follows what became of it.
            done(new DiskError(number, downUs))
            return
          }
          this.#inFlight = undefined
          this.#apply(batch)
          done()
        },
        precedence
      )
      this.#inFlight = { number, batch, event }
      this.onSync?.(number)
    }
  }

  /** The process is gone: of what was being synced everything, a part or nothing is on the disk. */
  crash(): void {
    if (this.#inFlight === undefined) return
    const { number, batch, event } = this.#inFlight
    event.run = undefined
    this.#inFlight = undefined
    const left = this.#init.choices.unsynced(this.#init.process, number)
    if (left === 'all') this.#apply(batch)
    else if (left === 'torn') this.#torn = batch.slice(0, batch.length >> 1)
  }

  /** What a process does before it reads: a batch without its end never was. */
  recover(): void {
    if (this.#torn === undefined) return
    this.#torn = undefined
    this.#init.onTornBatch?.()
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
      if (key.startsWith(prefix) && !isBulk(key)) found.push([key.slice(prefix.length), value])
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  }

  #apply(batch: readonly Write[]): void {
    for (const { key, value } of batch) {
      if (value === undefined) this.#durable.delete(key)
      else this.#durable.set(key, value)
    }
  }
}
