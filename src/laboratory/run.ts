/** One run of a campaign, and what it comes to. */
import type { Violation } from '../checkers/violation.ts'
import { type SimulationResult, simulate } from '../simulator/simulation.ts'
import { judge } from './judge.ts'
import type { Recording } from './recording.ts'
import { type RunConfig, seededRun } from './run-config.ts'

export interface RunOutcome {
  readonly seed: number
  readonly messages: number
  readonly digest: string
  readonly landmarks: readonly (readonly [name: string, count: number])[]
  readonly overlapping: boolean
  /** Given up, since something grows without bound: further runs would be too, and as slowly. */
  readonly endless: boolean
  /** The first violation of each property. */
  readonly violations: readonly Violation[]
  /** Of a violating run that does not follow from its seed alone. */
  readonly recording?: Recording
}

export function run(config: RunConfig, seed: number): RunOutcome {
  const result = simulate(seededRun(config, seed))
  return outcomeOf(seed, result, judge(config.protocol, result))
}

export function outcomeOf(
  seed: number,
  { messages, digest, landmarks, overlapping, endless }: SimulationResult,
  violations: readonly Violation[]
): RunOutcome {
  return {
    seed,
    messages,
    digest,
    landmarks: [...landmarks],
    overlapping: overlapping > 0,
    endless: endless !== undefined,
    violations
  }
}
