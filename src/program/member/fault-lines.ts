/** Faults as lines for people: each kind of each member once at first, then at most once in an interval. */
import type { Fault } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import { type Colors, oneLine } from '../output.ts'

/** A liar must not be able to fill a terminal, or a log. */
const INTERVAL_MS = 5000

interface Seen {
  saidAtMs: number
  /** Those since then that were not said. */
  unsaid: number
}

export class FaultLines {
  readonly #seen = new Map<string, Seen>()
  readonly #colors: Colors
  readonly #nameOf: (process: ProcessId) => string
  readonly #now: () => number

  constructor(
    colors: Colors,
    nameOf: (process: ProcessId) => string,
    now: () => number = () => performance.now()
  ) {
    this.#colors = colors
    this.#nameOf = nameOf
    this.#now = now
  }

  /** The line to say, if it is time for one. */
  line({ process, kind, certainty, detail }: Fault): string | undefined {
    const key = `${process}/${kind}/${certainty}`
    const seen = this.#seen.get(key)
    const now = this.#now()
    if (seen !== undefined && now - seen.saidAtMs < INTERVAL_MS) {
      seen.unsaid++
      return undefined
    }
    this.#seen.set(key, { saidAtMs: now, unsaid: 0 })
    const paint = certainty === 'suspected' ? this.#colors.yellow : this.#colors.red
    const more = seen === undefined || seen.unsaid === 0 ? '' : ` (and ${seen.unsaid} more)`
    return `${paint(`fault    ${this.#nameOf(process)}: ${kind}, ${certainty}`)}  ${oneLine(detail)}${more}`
  }
}
