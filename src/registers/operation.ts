/** A read under way, which its caller may give up on: its calls end, and the next operation has its turn. */
import type { Call } from './calls.ts'
import type { OpenOperation } from './register.ts'

export class ReadOperation implements OpenOperation {
  #call: Pick<Call, 'end'> | undefined
  #done: (() => void) | undefined
  #over = false
  #kept = false

  get over(): boolean {
    return this.#over
  }

  /** Its turn has come; `done` ends it. */
  begin(done: () => void): void {
    this.#done = done
    if (this.#over) done()
  }

  /** It waits for this call. */
  awaits(call: Pick<Call, 'end'>): void {
    this.#call = call
  }

  /** It has become a write: whoever gives up on it, it is finished. */
  keep(): void {
    this.#kept = true
  }

  finish(): void {
    this.#over = true
    this.#done?.()
  }

  abandon(): void {
    if (this.#over || this.#kept) return
    this.#call?.end()
    this.finish()
  }
}
