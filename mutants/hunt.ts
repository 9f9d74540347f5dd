/** The hunt for one mutant, in a process in which it lives: three questions, each answered by runs of the laboratory. */
import {
  configOf,
  examine,
  examineFaultFree,
  type Finding,
  type RunConfig,
  type Shortest,
  shortest
} from './laboratory.ts'
import { type Mutant, TRIAL_RUNS, type Trial } from './mutant.ts'

/** A mutant counts only if it passes so many runs without any fault: else every test would find it. */
export const FAULT_FREE_RUNS = 100
/** At least so many runs at n = 4 see nothing of a mutant that is said to be invisible there. */
export const AT_FOUR_RUNS_MIN = 100

/** Runs with the seeds 1 to `runs`. */
export interface Runs {
  readonly config: RunConfig
  readonly runs: number
}

export type Hunt = Killed | Survived

export interface Killed extends Finding, Shortest {
  readonly outcome: 'killed'
  readonly config: RunConfig
  readonly seed: number
  /** Runs at n = 4, none of which saw anything; 0 where the mutant is not said to be invisible there. */
  readonly atFour: number
  /** All runs of the hunt up to the kill: what the unchanged code is to pass as a control. */
  readonly hunted: readonly Runs[]
}

export interface Survived {
  readonly outcome: 'survived'
  readonly reason: string
}

export function hunt(mutant: Mutant, onRun: () => void): Hunt {
  const [first] = mutant.trials
  const early = search(FAULT_FREE_RUNS, onRun, (seed) => examineFaultFree(configOf(first), seed), anything)
  if (early !== undefined) return survived(`is found without any fault, ${told(early)}`)

  const hunted: Runs[] = []
  for (const trial of mutant.trials) {
    const config = configOf(trial)
    const runs = trial.runs ?? TRIAL_RUNS
    const examineAt = (seed: number) => examine(config, seed)
    const kill = search(runs, onRun, examineAt, ({ property }) => property === mutant.breaks)
    hunted.push({ config, runs: kill?.seed ?? runs })
    if (kill === undefined) continue
    const atFour = mutant.invisibleAtFour ? Math.max(AT_FOUR_RUNS_MIN, kill.seed) : 0
    const seen = search(atFour, onRun, (seed) => examine(atFourOf(trial), seed), anything)
    if (seen !== undefined) return survived(`is not invisible at n = 4, ${told(seen)}`)
    const { property, detail } = kill.finding
    const length = shortest(config, kill.seed, property)
    return { outcome: 'killed', config, seed: kill.seed, property, detail, ...length, atFour, hunted }
  }
  return survived(`no run violates ${mutant.breaks}, of ${hunted.map(({ runs }) => runs).join(' + ')}`)
}

interface Hit {
  readonly seed: number
  readonly finding: Finding
}

/** The first seed whose run has a finding that counts. */
function search(
  runs: number,
  onRun: () => void,
  examineAt: (seed: number) => readonly Finding[],
  counts: (finding: Finding) => boolean
): Hit | undefined {
  for (let seed = 1; seed <= runs; seed++) {
    const found = examineAt(seed)
    onRun()
    const finding = found.find(counts)
    if (finding !== undefined) return { seed, finding }
  }
  return undefined
}

const anything = () => true

/** The same trial in a group of four, with one liar. */
function atFourOf({ byzantine: _, ...trial }: Trial): RunConfig {
  return configOf({ ...trial, members: 4 })
}

const told = ({ seed, finding }: Hit) => `seed ${seed}: ${finding.property}: ${finding.detail}`

const survived = (reason: string): Survived => ({ outcome: 'survived', reason })
