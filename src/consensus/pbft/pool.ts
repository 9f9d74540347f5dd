/**
 * Requests that wait here to be ordered. Those that came from who signed them wait until they are executed, whoever is
 * primary; those that another member hands on wait only while this one is primary, and count against that member. The
 * primary takes from each source in turn, each source's in the order in which they came.
 *
 * Space: PENDING_REQUESTS_MAX requests and PENDING_BYTES_MAX bytes of each source.
 */
import { toHex } from '../../core/bytes.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import { ENVELOPE_OVERHEAD_BYTES } from './batch.ts'
import { BATCH_BYTES_MAX, PENDING_BYTES_MAX, PENDING_REQUESTS_MAX } from './constants.ts'

interface Pending {
  readonly envelope: Uint8Array
  readonly commands: number
  /** It came from who signed it. */
  readonly own: boolean
  readonly source: string
  /** It is in a batch that this member has proposed in this view. */
  proposed: boolean
}

interface Source {
  readonly requests: Set<string>
  bytes: number
}

export class Pool {
  readonly #hash: (envelope: Uint8Array) => Uint8Array
  readonly #commandsIn: (envelope: Uint8Array) => number
  readonly #pending = new Map<string, Pending>()
  /** Those that came from who signed them, by name. */
  readonly #own = new Map<string, Uint8Array>()
  #unproposed = 0
  /** The one whose turn it is comes first. */
  readonly #sources = new Map<string, Source>()

  /** @param commandsIn - how many commands there are in a request: at least one */
  constructor(
    hash: (envelope: Uint8Array) => Uint8Array,
    commandsIn: (envelope: Uint8Array) => number = () => 1
  ) {
    this.#hash = hash
    this.#commandsIn = commandsIn
  }

  /** It was ordered, and waits no more. */
  ordered(envelope: Uint8Array): void {
    // Mostly nothing waits at a backup, and what is ordered is long.
    if (this.#pending.size > 0) this.remove(this.#nameOf(envelope))
  }

  has(envelope: Uint8Array): boolean {
    return this.#pending.has(this.#nameOf(envelope))
  }

  /** Requests that came from who signed them, by name. */
  get own(): ReadonlyMap<string, Uint8Array> {
    return this.#own
  }

  /** How many commands there are that this member has not proposed. */
  get size(): number {
    return this.#unproposed
  }

  /** @param own - who signed it is `from`; @returns false if it waits already, or its source has too many here */
  add(from: ProcessId, envelope: Uint8Array, own: boolean): boolean {
    const name = this.#nameOf(envelope)
    const known = this.#pending.get(name)
    if (known !== undefined && (known.own || !own)) return false
    const key = `${own ? 'from' : 'by'} ${from}`
    const source = this.#sources.get(key) ?? { requests: new Set(), bytes: 0 }
    const isFull =
      source.requests.size >= PENDING_REQUESTS_MAX || source.bytes + envelope.length > PENDING_BYTES_MAX
    if (isFull) return false
    if (known !== undefined) this.remove(name)
    this.#sources.set(key, source)
    source.requests.add(name)
    source.bytes += envelope.length
    const proposed = known?.proposed ?? false
    const commands = this.#commandsIn(envelope)
    this.#pending.set(name, { envelope, commands, own, source: key, proposed })
    if (own) this.#own.set(name, envelope)
    if (!proposed) this.#unproposed += commands
    return true
  }

  remove(name: string): void {
    const pending = this.#pending.get(name)
    if (pending === undefined) return
    this.#pending.delete(name)
    this.#own.delete(name)
    if (!pending.proposed) this.#unproposed -= pending.commands
    const source = this.#sources.get(pending.source)
    if (source === undefined) return
    source.requests.delete(name)
    source.bytes -= pending.envelope.length
    if (source.requests.size === 0) this.#sources.delete(pending.source)
  }

  /** What goes into the next batch: one of each source in turn, until it is full. */
  take(commandsMax: number): readonly Uint8Array[] {
    const taken: Uint8Array[] = []
    let bytes = 0
    let commands = 0
    for (;;) {
      const next = this.#next()
      if (next === undefined) return taken
      commands += next.commands
      if (commands > commandsMax) return taken
      bytes += next.envelope.length + ENVELOPE_OVERHEAD_BYTES
      if (bytes > BATCH_BYTES_MAX - ENVELOPE_OVERHEAD_BYTES) return taken
      next.proposed = true
      this.#unproposed -= next.commands
      taken.push(next.envelope)
    }
  }

  /** The view is over: what was handed on is forgotten, and nothing is proposed. */
  leave(): void {
    for (const [name, pending] of this.#pending) {
      if (pending.proposed) this.#unproposed += pending.commands
      pending.proposed = false
      if (!pending.own) this.remove(name)
    }
  }

  state(): PlainValue {
    return [...this.#pending].map(([name, { own, source, proposed }]) => ({ name, own, source, proposed }))
  }

  #nameOf(envelope: Uint8Array): string {
    return toHex(this.#hash(envelope))
  }

  #next(): Pending | undefined {
    for (const [key, source] of this.#sources) {
      for (const name of source.requests) {
        const pending = this.#pending.get(name)
        if (pending === undefined || pending.proposed) continue
        // Its turn is over.
        this.#sources.delete(key)
        this.#sources.set(key, source)
        return pending
      }
    }
    return undefined
  }
}
