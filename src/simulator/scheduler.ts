/**
 * Virtual time: a queue of events ordered by time, those of one time by precedence (of a link, a process), and those of
 * one precedence by the order of scheduling. So which of simultaneous events comes first does not depend on what others
 * schedule. Time is an integer number of microseconds.
 */

/** Microseconds of virtual time in a millisecond. */
export const MS = 1000

export interface Scheduled {
  readonly at: number
  readonly precedence: number
  readonly order: number
  run: (() => void) | undefined
}

export class Scheduler {
  readonly #heap: Scheduled[] = []
  #order = 0
  #now = 0

  /** Microseconds since the start of the run. */
  get now(): number {
    return this.#now
  }

  get pending(): number {
    return this.#heap.length
  }

  at(time: number, run: () => void, precedence = 0): Scheduled {
    const event: Scheduled = { at: Math.max(time, this.#now), precedence, order: this.#order++, run }
    this.#heap.push(event)
    this.#siftUp(this.#heap.length - 1)
    return event
  }

  after(delay: number, run: () => void, precedence = 0): Scheduled {
    return this.at(this.#now + delay, run, precedence)
  }

  /** Runs the next event. @returns false if there is none at or before `until` */
  step(until: number): boolean {
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.at > until) return false
      this.#pop()
      if (next.run === undefined) continue // cancelled
      this.#now = next.at
      next.run()
      return true
    }
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#siftDown()
  }

  #siftUp(start: number): void {
    const heap = this.#heap
    let index = start
    const event = heap[index] as Scheduled
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex] as Scheduled
      if (!before(event, parent)) break
      heap[index] = parent
      index = parentIndex
    }
    heap[index] = event
  }

  #siftDown(): void {
    const heap = this.#heap
    const event = heap[0] as Scheduled
    let index = 0
    for (;;) {
      let childIndex = 2 * index + 1
      if (childIndex >= heap.length) break
      const right = childIndex + 1
      if (right < heap.length && before(heap[right] as Scheduled, heap[childIndex] as Scheduled))
        childIndex = right
      const child = heap[childIndex] as Scheduled
      if (!before(child, event)) break
      heap[index] = child
      index = childIndex
    }
    heap[index] = event
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  if (a.at !== b.at) return a.at < b.at
  return a.precedence === b.precedence ? a.order < b.order : a.precedence < b.precedence
}
