/**
 * Which chunks of a body are still missing, and of whom they were asked: the plan of one transfer, without its messages.
 * Each chunk is asked of one source, and of others too once the transfer has stalled; what a source that drops out was asked
 * for is asked of the others.
 *
 * Space: a number for each chunk that is missing.
 */
import type { ProcessId } from '../core/group.ts'
import { type BodyReference, type Chunk, chunksOf } from './body.ts'
import type { RegisterId } from './register.ts'

export interface TransferEvents {
  /** A chunk that was verified; each of them once, in any order. */
  chunk(index: number, chunk: Chunk): void
  /** Every chunk is here. */
  complete(): void
  /** This source does not hold the body. */
  missing(source: ProcessId): void
  /** This source gave what is no chunk of the body. */
  lied(source: ProcessId): void
  /** There is nobody left to ask. */
  exhausted(): void
}

export class BodyTransfer {
  readonly number: number
  readonly register: RegisterId
  readonly reference: BodyReference
  readonly events: TransferEvents
  readonly #missing: Set<number>
  /** Missing, and asked of nobody; the last one is next. */
  readonly #unasked: number[]
  readonly #asked = new Map<ProcessId, Set<number>>()
  #others: readonly ProcessId[]
  ended = false
  /** A timer is set, by which it will be looked at. */
  watched = false
  /** Whether a chunk has come since this was last reset. */
  progressed = false

  constructor(
    number: number,
    register: RegisterId,
    reference: BodyReference,
    events: TransferEvents,
    others: readonly ProcessId[]
  ) {
    this.#others = others
    this.number = number
    this.register = register
    this.reference = reference
    this.events = events
    const indices = Array.from({ length: chunksOf(reference) }, (_, index) => index)
    this.#missing = new Set(indices)
    this.#unasked = indices.reverse()
  }

  get sources(): readonly ProcessId[] {
    return [...this.#asked.keys()]
  }

  get complete(): boolean {
    return this.#missing.size === 0
  }

  has(source: ProcessId): boolean {
    return this.#asked.has(source)
  }

  isMissing(index: number): boolean {
    return this.#missing.has(index)
  }

  add(source: ProcessId): void {
    if (!this.#asked.has(source)) this.#asked.set(source, new Set())
  }

  /** What to ask this source for next, if there is anything. */
  next(source: ProcessId): number | undefined {
    const asked = this.#asked.get(source)
    const index = asked && this.#unasked.pop()
    if (index !== undefined) asked?.add(index)
    return index
  }

  /** Something that others were asked for. */
  alsoAsk(source: ProcessId): number | undefined {
    const asked = this.#asked.get(source)
    if (asked === undefined) return undefined
    for (const index of this.#missing) {
      if (asked.has(index)) continue
      asked.add(index)
      return index
    }
    return undefined
  }

  came(index: number): void {
    this.#missing.delete(index)
    this.progressed = true
  }

  /** @returns whether nobody is left */
  remove(source: ProcessId): boolean {
    const asked = this.#asked.get(source)
    if (asked === undefined) return false
    this.#asked.delete(source)
    for (const index of [...asked].reverse()) {
      const isAskedOfOthers = [...this.#asked.values()].some((others) => others.has(index))
      if (this.#missing.has(index) && !isAskedOfOthers) this.#unasked.push(index)
    }
    if (this.#asked.size > 0) return false
    for (const other of this.#others) this.add(other)
    this.#others = []
    return this.#asked.size === 0
  }
}
