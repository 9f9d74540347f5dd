/**
 * Operations of one client on one object take turns, in the order of the requests; those on different objects do not
 * wait for each other (CGR11 4.1: a process invokes an operation when its last one has returned). An object is named by
 * a text: a register's key, or whatever its operations have to do with.
 *
 * Space: the open operations, `openMax` of them and those that an earlier life admitted.
 */
import { WindowFullError } from '../core/errors.ts'
import { OPERATIONS_OPEN_MAX } from './constants.ts'

type Operation = (done: () => void) => void

export class Turns {
  /** The operation under way, and those that wait. */
  readonly #queues = new Map<string, Operation[]>()
  readonly #openMax: number
  #open = 0

  constructor(openMax = OPERATIONS_OPEN_MAX) {
    this.#openMax = openMax
  }

  get open(): number {
    return this.#open
  }

  /** One more will take its turn. @throws WindowFullError if as many are open as may be */
  admit(): void {
    if (this.#open >= this.#openMax)
      throw new WindowFullError(`${this.#openMax} operations of this client are under way already`)
    this.#open++
  }

  /** As `admit`, of what an earlier life has admitted: never too many. */
  admitAgain(): void {
    this.#open++
  }

  /** Runs an operation that was admitted as soon as those before it on the object have called their `done`. */
  take(key: string, operation: Operation): void {
    const queue = this.#queues.get(key)
    if (queue !== undefined) {
      queue.push(operation)
      return
    }
    this.#queues.set(key, [operation])
    this.#run(key, operation)
  }

  #run(key: string, operation: Operation): void {
    let over = false
    operation(() => {
      if (over) return
      over = true
      this.#open--
      const queue = this.#queues.get(key) ?? []
      queue.shift()
      const [next] = queue
      if (next === undefined) this.#queues.delete(key)
      else this.#run(key, next)
    })
  }
}
