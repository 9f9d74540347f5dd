/**
 * The journal on LevelDB. Every batch is synced: `done` means that it is on the disk, not in a cache of the
 * kernel.
 */
import type { AbstractBatchOptions, AbstractLevel } from 'abstract-level'
import type { Journal } from '../core/process.ts'
import type { Write } from '../core/store.ts'

/** Keys are text and values are bytes, whatever the database makes of them inside. */
export type Level = AbstractLevel<string | Uint8Array, string, Uint8Array>

/** LevelDB's option, which the abstract type does not know: the batch is on the disk when it is done. */
export const SYNCED: AbstractBatchOptions<string, Uint8Array> & { readonly sync: true } = { sync: true }

export class LevelJournal implements Journal {
  readonly #level: Level
  /**
   * Each batch waits for the one before: the database's threads would not keep them in order. Once one has
   * failed all later ones fail with it, since a batch must never be durable without its predecessors.
   */
  #last: Promise<void> = Promise.resolve()

  constructor(level: Level) {
    this.#level = level
  }

  append(batch: readonly Write[], done: (error?: Error) => void): void {
    this.#last = this.#last.then(() => this.#write(batch))
    this.#last.then(
      () => done(),
      (error: Error) => done(error)
    )
  }

  /** Resolves when nothing is in flight any more, whether it succeeded or not. */
  async settled(): Promise<void> {
    await this.#last.catch(() => {})
  }

  async #write(batch: readonly Write[]): Promise<void> {
    // An empty batch carries effects that wait for the batches before it; it has nothing to write.
    if (batch.length === 0) return
    await this.#level.batch(
      batch.map(({ key, value }) =>
        value === undefined ? { type: 'del', key } : { type: 'put', key, value }
      ),
      SYNCED
    )
  }
}
