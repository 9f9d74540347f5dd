/**
 * Which chunks of a body are still missing, and of whom they were asked: the plan of one transfer, without its
 * messages. Each chunk is asked of one source, and of others too once the transfer has stalled; what a source that
 * drops out was asked for is asked of the others.
 *
 * Space: a number for each chunk that came, or was asked for. A reference alone, whatever it says, costs no more than
 * itself.
 */
import type { ProcessId } from '../core/group.ts'
import { type BodyReference, type Chunk, chunksOf } from './body.ts'

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

/** @typeParam S - what bodies are bodies of */
export class BodyTransfer<S> {
  readonly number: number
  readonly subject: S
  readonly reference: BodyReference
  readonly events: TransferEvents
  readonly #count: number
  readonly #came = new Set<number>()
  /** From here on nothing has been asked for yet. */
  #next = 0
  /** Missing, and asked of nobody any more. */
  readonly #givenBack: number[] = []
  /** What of each source was asked and is missing. */
  readonly #asked = new Map<ProcessId, Set<number>>()
  #others: readonly ProcessId[]
  ended = false
  /** A timer is set, by which it will be looked at. */
  watched = false
  /** Whether a chunk has come since this was last reset. */
  progressed = false

  constructor(
    number: number,
    subject: S,
    reference: BodyReference,
    events: TransferEvents,
    others: readonly ProcessId[]
  ) {
    this.#others = others
    this.number = number
    this.subject = subject
    this.reference = reference
    this.events = events
    this.#count = chunksOf(reference)
  }

  get sources(): readonly ProcessId[] {
    return [...this.#asked.keys()]
  }

  get complete(): boolean {
    return this.#came.size === this.#count
  }

  has(source: ProcessId): boolean {
    return this.#asked.has(source)
  }

  isMissing(index: number): boolean {
    return index < this.#count && !this.#came.has(index)
  }

  add(source: ProcessId): void {
    if (!this.#asked.has(source)) this.#asked.set(source, new Set())
  }

  /** What to ask this source for next, if there is anything. */
  next(source: ProcessId): number | undefined {
    const asked = this.#asked.get(source)
    if (asked === undefined) return undefined
    const index = this.#givenBack.pop() ?? (this.#next < this.#count ? this.#next++ : undefined)
    if (index !== undefined) asked.add(index)
    return index
  }

  /** Something that others were asked for. */
  alsoAsk(source: ProcessId): number | undefined {
    const asked = this.#asked.get(source)
    if (asked === undefined) return undefined
    for (const others of this.#asked.values()) {
      for (const index of others) {
        if (asked.has(index)) continue
        asked.add(index)
        return index
      }
    }
    return undefined
  }

  came(index: number): void {
    this.#came.add(index)
    for (const asked of this.#asked.values()) asked.delete(index)
    this.progressed = true
  }

  /** @returns whether nobody is left */
  remove(source: ProcessId): boolean {
    const asked = this.#asked.get(source)
    if (asked === undefined) return false
    this.#asked.delete(source)
    for (const index of [...asked].reverse()) {
      const isAskedOfOthers = [...this.#asked.values()].some((others) => others.has(index))
      if (!isAskedOfOthers) this.#givenBack.push(index)
    }
    if (this.#asked.size > 0) return false
    for (const other of this.#others) this.add(other)
    this.#others = []
    return this.#asked.size === 0
  }
}
