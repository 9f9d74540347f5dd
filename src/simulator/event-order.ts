/** Which of simultaneous events comes first: the harness's, then each link's, then each process's. */
import type { ProcessId } from '../core/group.ts'

export class EventOrder {
  readonly #n: number

  constructor(n: number) {
    this.#n = n
  }

  link(from: ProcessId, to: ProcessId): number {
    return 1 + from * this.#n + to
  }

  process(id: ProcessId): number {
    return 1 + this.#n * this.#n + id
  }
}
