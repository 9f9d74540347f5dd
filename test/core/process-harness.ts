/** A process over a journal whose answers the test gives, one batch at a time. */
import { type Journal, Process } from '../../src/core/process.ts'
import type { Write } from '../../src/core/store.ts'

interface Batch {
  readonly writes: readonly Write[]
  readonly done: (error?: Error) => void
}

export class TestProcess extends Process {
  /** Batches that the journal was given and has not answered. */
  readonly inFlight: Batch[]
  /** Every batch ever appended, by the keys it writes. */
  readonly appended: string[][]
  /** Why the process stopped; more than one cause is a bug. */
  readonly causes: Error[]
  /** What became visible, in order. */
  readonly seen: string[] = []

  /** @param journal answers at once, in place of the test */
  constructor(journal?: Journal) {
    const inFlight: Batch[] = []
    const appended: string[][] = []
    const causes: Error[] = []
    super({
      journal: {
        append(writes, done) {
          appended.push(writes.map(({ key }) => key))
          if (journal !== undefined) journal.append(writes, done)
          else inFlight.push({ writes, done })
        }
      },
      onStop: (cause) => causes.push(cause)
    })
    this.inFlight = inFlight
    this.appended = appended
    this.causes = causes
  }

  /** The oldest batch in flight becomes durable, or fails. */
  answer(error?: Error): void {
    const batch = this.inFlight.shift()
    if (batch === undefined) throw new Error('no batch is in flight')
    batch.done(error)
  }

  put(key: string): void {
    this.write({ key, value: Uint8Array.of(1) })
  }

  /** Something that others see, once it may. */
  show(what: string): void {
    this.whenDurable(() => this.seen.push(what))
  }

  /** A turn that writes `key`, if there is one, and shows `what`. */
  turn(what: string, key?: string): void {
    this.input(() => {
      if (key !== undefined) this.put(key)
      this.show(what)
    })
  }
}

export const immediateJournal: Journal = { append: (_writes, done) => done() }
