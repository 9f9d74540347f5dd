/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte 2010) over virtual time. Each link
 * has a priority of its own, drawn at random, and messages on a link of lower priority wait until those of higher
 * ones have had time to be answered. At a few points, drawn among the first messages of the run, the link of the
 * message falls to the lowest priority of all. A bug that needs d ordered steps is so found with a probability that
 * has a lower bound, where uniform latencies hardly ever reach it.
 */
import { MS } from './scheduler.ts'
import type { SeededRandom } from './seeded-random.ts'

/** By how much the messages of one priority wait for those of the next: longer than a broadcast takes without delay. */
const STEP_US = 12 * MS
/** Change points lie among so many messages. */
const FIRST_MESSAGES = 300

export class LinkPriorities {
  /** By link: 0 is the highest. */
  readonly #rank: number[]
  readonly #changes: ReadonlySet<number>
  #messages = 0
  #lowest: number

  constructor(links: number, changePoints: number, random: SeededRandom) {
    const rest = Array.from({ length: links }, (_, rank) => rank)
    this.#rank = Array.from({ length: links }, () => rest.splice(random.below(rest.length), 1)[0] ?? 0)
    this.#changes = new Set(Array.from({ length: changePoints }, () => random.below(FIRST_MESSAGES)))
    this.#lowest = links
  }

  /** How long the next message on the link waits, microseconds. */
  delay(link: number): number {
    if (this.#changes.has(this.#messages++)) this.#rank[link] = this.#lowest++
    return (this.#rank[link] ?? 0) * STEP_US
  }
}
