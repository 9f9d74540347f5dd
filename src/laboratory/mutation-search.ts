/**
 * Mutation of interesting schedules (after ByzzFuzz and coverage-guided fuzzing): a schedule that reached something
 * new, a landmark or one more often than before, is kept, and changed a little again and again. One search is
 * determined by its configuration and its seed; each run it reports is a recording, and replays alone.
 */
import type { Choice } from '../simulator/schedule.ts'
import { MS } from '../simulator/scheduler.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import { type Recording, recordRun, repeatRun } from './recording.ts'
import { outcomeOf, type RunOutcome } from './run.ts'
import type { RunConfig } from './run-config.ts'

/** Schedules that are kept: the oldest makes room. */
const CORPUS_MAX = 64
/** One run in so many is drawn anew. */
const FRESH_ONE_IN = 4
const CHANGES_MAX = 6
const TIME_SHIFT_US_MAX = 50 * MS
const DELAY_US_MAX = 300 * MS

export class MutationSearch {
  readonly #config: RunConfig
  readonly #seed: number
  readonly #random: SeededRandom
  readonly #corpus: Recording[] = []
  /** Landmarks with how often, to the next power of two, that some run has shown. */
  readonly #seen = new Set<string>()
  #runs = 0

  constructor(config: RunConfig, seed: number) {
    this.#config = config
    this.#seed = seed
    this.#random = new SeededRandom(seed, 'mutations')
  }

  next(): RunOutcome {
    const number = this.#seed + this.#runs++
    const kept = this.#corpus.length
    if (kept === 0 || this.#random.below(FRESH_ONE_IN) === 0) {
      const { acted, result, violations } = recordRun(this.#config, number)
      this.#keepIfNew(acted, result.landmarks)
      return outcomeOf(number, result, violations)
    }
    const recording = this.#changed(this.#random.pick(this.#corpus))
    const { result, violations } = repeatRun(recording)
    this.#keepIfNew(recording, result.landmarks)
    const outcome = outcomeOf(number, result, violations)
    return violations.length === 0 ? outcome : { ...outcome, recording }
  }

  #keepIfNew(recording: Recording, landmarks: ReadonlyMap<string, number>): void {
    let isNew = false
    for (const [name, count] of landmarks) {
      const shown = `${name} ${count.toString(2).length}`
      isNew ||= !this.#seen.has(shown)
      this.#seen.add(shown)
    }
    if (!isNew) return
    this.#corpus.push(recording)
    if (this.#corpus.length > CORPUS_MAX) this.#corpus.shift()
  }

  #changed({ setup, schedule }: Recording): Recording {
    let changed = [...schedule]
    const changes = 1 + this.#random.below(CHANGES_MAX)
    for (let i = 0; i < changes; i++) changed = this.#change(changed, setup.members)
    return { setup, schedule: changed }
  }

  #change(schedule: Choice[], members: number): Choice[] {
    const random = this.#random
    if (schedule.length === 0) return schedule
    const at = random.below(schedule.length)
    const choice = schedule[at]
    if (choice === undefined) return schedule
    const before = schedule.slice(0, at)
    const after = schedule.slice(at + 1)
    switch (random.below(4)) {
      case 0:
        return [...before, ...after]
      case 1:
        return [...before, this.#moved(choice), ...after]
      case 2: {
        // Somebody else gets it, or gets it too.
        if (choice.kind !== 'act') return [...before, this.#moved(choice), ...after]
        const other = { ...choice, to: random.below(members) }
        return random.below(2) === 0 ? [...before, other, ...after] : [...before, choice, other, ...after]
      }
      default:
        return choice.kind === 'act' ? [...before, choice, this.#moved(choice), ...after] : [...schedule]
    }
  }

  /** The same at another time, or taking another time. */
  #moved(choice: Choice): Choice {
    const random = this.#random
    if ('us' in choice) return { ...choice, us: random.below(DELAY_US_MAX) }
    if (!('at' in choice)) return choice
    const at = Math.max(0, choice.at + random.between(-TIME_SHIFT_US_MAX, TIME_SHIFT_US_MAX))
    return 'until' in choice ? { ...choice, at, until: Math.max(at, choice.until) } : { ...choice, at }
  }
}
