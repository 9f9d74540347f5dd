/** Members of a cluster killed (SIGKILL) at random moments, as their model allows: one at a time, or for good. */
import type { Cluster } from '../src/cluster/cluster.ts'
import type { ProcessId } from '../src/core/group.ts'
import { SeededRandom } from '../src/simulator/seeded-random.ts'
import { type Pace, REAL, stopwatch } from './pace.ts'

/** All are up at least so long before the next is killed. */
const UP_MS_MIN = 500
/** How long a killed member stays away, and how much longer all are up before the next is killed, at most. */
const DOWN_MS_MAX = 1500
const UP_MS_MAX = 1500

export class Kills {
  readonly #cluster: Pick<Cluster, 'plan' | 'kill' | 'restart'>
  readonly #pace: Pace
  readonly #random: SeededRandom
  count = 0

  constructor(cluster: Pick<Cluster, 'plan' | 'kill' | 'restart'>, seed: number, pace = REAL) {
    this.#cluster = cluster
    this.#pace = pace
    this.#random = new SeededRandom(seed, 'chaos/kills')
  }

  /** Where processes recover: each correct one in turn, and back before the next, with the data folder that it left. */
  async inTurn(over: AbortSignal): Promise<void> {
    const { correct } = this.#cluster.plan
    for (let turn = 0; !over.aborted; turn++) {
      await this.#pace.pause(UP_MS_MIN + this.#random.below(UP_MS_MAX))
      if (over.aborted) return
      const victim = correct[turn % correct.length] as ProcessId
      await this.#kill(victim)
      await this.#pace.pause(this.#random.below(DOWN_MS_MAX))
      await this.#cluster.restart(victim)
    }
  }

  /** Where a process that crashes has stopped: so many correct ones, within so long; nobody starts them again. */
  async forGood(stops: number, withinMs: number): Promise<void> {
    const alive = [...this.#cluster.plan.correct]
    const moments = Array.from({ length: stops }, () => this.#random.below(withinMs)).sort((a, b) => a - b)
    const until = stopwatch(this.#pace)
    for (const moment of moments) {
      await until(moment)
      const [victim] = alive.splice(this.#random.below(alive.length), 1)
      await this.#kill(victim as ProcessId)
    }
  }

  async #kill(victim: ProcessId): Promise<void> {
    await this.#cluster.kill(victim)
    this.count++
  }
}
