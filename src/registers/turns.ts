/**
 * Operations of one client on one register take turns, in the order of the requests; those on different registers do
 * not wait for each other (CGR11 4.1: a process invokes an operation when its last one has returned).
 */
import { WindowFullError } from '../core/errors.ts'
import { OPERATIONS_OPEN_MAX } from './constants.ts'
import { type RegisterId, registerKey } from './register.ts'

type Operation = (done: () => void) => void

export class Turns {
  /** The operation under way, and those that wait. */
  readonly #queues = new Map<string, Operation[]>()
  #open = 0

  get open(): number {
    return this.#open
  }

  /**
   * One more is open from now on; {@link take} gives it its turn.
   * @throws WindowFullError if as many are open as may be
   */
  admit(): void {
    if (this.#open >= OPERATIONS_OPEN_MAX)
      throw new WindowFullError(`${OPERATIONS_OPEN_MAX} operations of this client are under way already`)
    this.#open++
  }

  /** One more is open, whatever the bound: an earlier life admitted it. */
  readmit(): void {
    this.#open++
  }

  /** Runs `operation` as soon as those before it on the register have called their `done`. */
  take(register: RegisterId, operation: Operation): void {
    const key = registerKey(register)
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
