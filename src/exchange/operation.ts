/** Operations under way, as who asked for them has them. */
import type { Call } from './calls.ts'

/** How many bytes of a long value are on the other side, of how many. */
export type Progress = (bytes: number, total: number) => void

/** Callers may give up on an operation: a read is forgotten; a write that was begun is finished all the same. */
export interface OpenOperation {
  abandon(): void
  /** From now on `progress` is told how a long value moves; where values are short there is nothing to tell. */
  watch?(progress: Progress): void
}

type Ending = Pick<Call, 'end'>

/** What is told of how the value of an operation moves: nothing twice. */
class Watched {
  #progress: Progress | undefined
  #bytes = 0

  watch(progress: Progress): void {
    this.#progress = progress
  }

  /** So many bytes of its value are where they are to go. */
  moved(bytes: number, total: number): void {
    if (bytes !== this.#bytes) this.#progress?.(bytes, total)
    this.#bytes = bytes
  }
}

/** A write that was begun is finished, whoever still waits for it: the next one must not overtake it. */
export class WriteOperation extends Watched implements OpenOperation {
  abandon(): void {}
}

/** A read, which its caller may give up on: its calls end, and the next operation has its turn. */
export class ReadOperation extends Watched implements OpenOperation {
  #call: Ending | undefined
  #done: (() => void) | undefined
  #over = false
  #mustEnd = false
  #forgotten = false

  get over(): boolean {
    return this.#over
  }

  /** Its turn has come; `done` ends it. */
  begin(done: () => void): void {
    this.#done = done
    if (this.#over) done()
  }

  /** It waits for this call. */
  awaits(call: Ending): void {
    this.#call = call
  }

  /** From here on it goes on to its end, and keeps its turn, whoever still waits for it. */
  mustEnd(): void {
    this.#mustEnd = true
  }

  /** Nobody waits for it any more. */
  get forgotten(): boolean {
    return this.#forgotten
  }

  finish(): void {
    this.#over = true
    this.#done?.()
  }

  abandon(): void {
    if (this.#over) return
    this.#forgotten = true
    if (this.#mustEnd) return
    this.#call?.end()
    this.finish()
  }
}
