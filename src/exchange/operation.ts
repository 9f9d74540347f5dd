/** A read under way, which its caller may give up on: its calls end, and the next operation has its turn. */
import type { Call } from './calls.ts'

/** Callers may give up on an operation: a read is forgotten; a write that was begun is finished all the same. */
export interface OpenOperation {
  abandon(): void
}

type Ending = Pick<Call, 'end'>

export class ReadOperation implements OpenOperation {
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
