/**
 * The journal on LevelDB: one numbered, sealed record for each batch, in one synced write of the database; `done` means
 * that it is on the disk, not in a cache of the kernel. Whenever the journal has grown as large as the state, the state
 * is written as a checkpoint and the records before it are removed: what is written is at most about twice what
 * components write, and space stays bounded. Bulk is beside the journal (bulk.ts).
 */
import type { Journal } from '../core/process.ts'
import { encode } from '../core/shapes.ts'
import type { Write } from '../core/store.ts'
import { withoutBulk } from './bulk.ts'
import { writeCheckpoint } from './checkpoint.ts'
import { StoreWriteError } from './errors.ts'
import { reasonOf } from './folder.ts'
import { batchShape, encodable, journalKey, type Manifest } from './layout.ts'
import { type Level, SYNCED } from './level.ts'
import type { Mark } from './mark.ts'
import { apply, type Recovered } from './recovery.ts'
import { seal } from './sealed.ts'

/** When there is a new checkpoint, and in what portions. */
export interface CheckpointBounds {
  /** The journal has at least so many bytes before it becomes a checkpoint, however small the state is. */
  readonly journalBytesMin: number
  /**
   * A chunk of a checkpoint ends with the value that reaches so many bytes; a batch waits for one chunk, or as much as
   * was written before.
   */
  readonly chunkBytes: number
}

const CHECKPOINT_JOURNAL_BYTES_MIN = 16 * 1024 * 1024
const CHECKPOINT_CHUNK_BYTES = 256 * 1024

export const CHECKPOINT_BOUNDS: CheckpointBounds = {
  journalBytesMin: CHECKPOINT_JOURNAL_BYTES_MIN,
  chunkBytes: CHECKPOINT_CHUNK_BYTES
}

export interface LevelJournalInit {
  readonly level: Level
  /** Of the database, for errors. */
  readonly name: string
  readonly recovered: Recovered
  readonly mark: Mark | undefined
  readonly bounds: CheckpointBounds
}

export class LevelJournal implements Journal {
  readonly #init: LevelJournalInit
  /** As of the last durable record: what a checkpoint is made of. */
  readonly #state: Map<string, Uint8Array>
  #number: number
  /** Since the last checkpoint, or the one that is being written. */
  #journalBytes: number
  /** Since the last step of a checkpoint. */
  #unmatchedBytes = 0
  #checkpoint: Manifest
  #checkpointing: AsyncGenerator<void, Manifest> | undefined
  #closing = false
  /**
   * Each operation waits for the one before: the database's threads would not keep them in order. Once one has failed
   * all later ones fail with it, since a batch must never be durable without its predecessors.
   */
  #last: Promise<void> = Promise.resolve()

  constructor(init: LevelJournalInit) {
    this.#init = init
    this.#state = new Map(init.recovered.state)
    this.#number = init.recovered.last
    this.#journalBytes = init.recovered.journalBytes
    this.#checkpoint = init.recovered.checkpoint
  }

  append(batch: readonly Write[], done: (error?: Error) => void): void {
    this.#enqueue(() => this.#write(batch))
    this.#last.then(
      () => done(),
      (error: Error) => done(error)
    )
  }

  /** Resolves when nothing is in flight any more, whether it succeeded or not. A checkpoint is left unfinished. */
  async settled(): Promise<void> {
    this.#closing = true
    await this.#last.catch(() => {})
  }

  #enqueue(operation: () => Promise<void>): void {
    this.#last = this.#last.then(operation)
    // Nobody waits for a step of a checkpoint: its failure is told to the next batch.
    this.#last.catch(() => {})
  }

  async #write(batch: readonly Write[]): Promise<void> {
    // An empty batch carries effects that wait for the batches before it; it has nothing to write.
    if (batch.length === 0) return
    const number = this.#number + 1
    const key = journalKey(number)
    const { journalled, operations } = withoutBulk(batch)
    const value = seal(key, encode(batchShape, journalled.map(encodable)))
    await this.#attempt(`journal record ${number}`, async () => {
      await this.#init.level.batch([...operations, { type: 'put', key, value }], SYNCED)
      this.#init.mark?.note(number)
    })
    this.#number = number
    this.#journalBytes += value.length
    this.#unmatchedBytes += value.length
    for (const write of journalled) apply(this.#state, write)
    const { journalBytesMin } = this.#init.bounds
    if (this.#journalBytes >= Math.max(journalBytesMin, this.#checkpoint.bytes)) this.#beginCheckpoint()
  }

  #beginCheckpoint(): void {
    if (this.#checkpointing !== undefined) return
    const { level, bounds } = this.#init
    this.#checkpointing = writeCheckpoint(level, this.#number, [...this.#state], bounds.chunkBytes)
    this.#journalBytes = 0
    this.#unmatchedBytes = 0
    this.#enqueue(this.#continueCheckpoint)
  }

  /**
   * As much of the checkpoint as was appended to the journal since, one step at least: the journal cannot outgrow it.
   * What is left queues behind the batches that came meanwhile.
   */
  readonly #continueCheckpoint = async (): Promise<void> => {
    const steps = Math.max(1, Math.ceil(this.#unmatchedBytes / this.#init.bounds.chunkBytes))
    this.#unmatchedBytes = 0
    for (let step = 0; step < steps && !this.#closing; step++) {
      const { done, value } = await this.#attempt('a checkpoint', () => this.#checkpointing!.next())
      if (done !== true) continue
      this.#checkpoint = value
      this.#checkpointing = undefined
      return
    }
    if (!this.#closing) this.#enqueue(this.#continueCheckpoint)
  }

  async #attempt<T>(what: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation()
    } catch (error) {
      throw new StoreWriteError(`${this.#init.name}: writing ${what} failed: ${reasonOf(error)}`, {
        cause: error
      })
    }
  }
}
