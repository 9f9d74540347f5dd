/**
 * A campaign: many runs of one configuration, each with its own seed, judged and summed up. The outcome is the same
 * for any number of workers: run i of seed s has the seed s + i, and what the runs say is merged in that order.
 */
import { checkBroadcast } from '../checkers/broadcast.ts'
import type { Violation } from '../checkers/violation.ts'
import { TraceDigest } from '../simulator/digest.ts'
import { type SimulationResult, simulate } from '../simulator/simulation.ts'
import { planRun, type RunConfig, requireStack } from './run-config.ts'

/** At most so many violating runs are listed; all are counted. */
export const VIOLATIONS_LISTED_MAX = 20

/** From so many runs of the swarm on, every landmark must have been reached. */
export const LANDMARK_RUNS = 1000

export interface RunOutcome {
  readonly seed: number
  readonly messages: number
  readonly digest: string
  readonly landmarks: readonly (readonly [name: string, count: number])[]
  readonly overlapping: boolean
  /** The first violation of each property. */
  readonly violations: readonly Violation[]
}

export interface ViolatedRun extends Violation {
  readonly seed: number
}

export type Verdict = 'ok' | 'violated' | 'inconclusive'

/** What a campaign comes to; see the command line's `simulate --json`. */
export interface CampaignResult extends RunConfig {
  readonly runs: number
  readonly seed: number
  /** Messages delivered in all runs. */
  readonly events: number
  readonly landmarks: { readonly [name: string]: number }
  readonly violations: readonly ViolatedRun[]
  readonly violatedRuns: number
  readonly traceDigest: string
  readonly verdict: Verdict
  /** Why it is inconclusive. */
  readonly reason?: string
}

export function run(config: RunConfig, seed: number): RunOutcome {
  const result = simulate(planRun(config, seed))
  return {
    seed,
    messages: result.messages,
    digest: result.digest,
    landmarks: [...result.landmarks],
    overlapping: result.overlapping > 0,
    violations: judge(config, result)
  }
}

/** The first violation of each property of the protocol; a process that stopped is one of ours that failed. */
export function judge(config: RunConfig, { history }: SimulationResult): readonly Violation[] {
  const first = new Map<string, Violation>()
  history.events.forEach((event, at) => {
    if (event.kind !== 'stop' || !history.correct.includes(event.process)) return
    const detail = `member ${event.process} stopped: ${event.cause}`
    if (!first.has('no crash')) first.set('no crash', { property: 'no crash', detail, at })
  })
  for (const violation of checkBroadcast(history, requireStack(config.protocol).properties)) {
    if (!first.has(violation.property)) first.set(violation.property, violation)
  }
  return [...first.values()].sort((a, b) => a.at - b.at)
}

/** Sums up outcomes that are given in the order of their seeds. */
export class Campaign {
  readonly #config: RunConfig
  readonly #seed: number
  readonly #digest = new TraceDigest()
  readonly #landmarks = new Map<string, number>()
  readonly #violations: ViolatedRun[] = []
  #runs = 0
  #events = 0
  #violatedRuns = 0
  #overlapping = 0

  constructor(config: RunConfig, seed: number) {
    this.#config = config
    this.#seed = seed
    for (const name of requireStack(config.protocol).landmarks) this.#landmarks.set(name, 0)
  }

  get runs(): number {
    return this.#runs
  }

  get violatedRuns(): number {
    return this.#violatedRuns
  }

  add(outcome: RunOutcome): void {
    this.#runs++
    this.#events += outcome.messages
    this.#digest.addText(outcome.digest)
    // A landmark counts the runs that reached it.
    for (const [name] of outcome.landmarks) this.#landmarks.set(name, (this.#landmarks.get(name) ?? 0) + 1)
    if (outcome.overlapping) this.#overlapping++
    if (outcome.violations.length > 0) this.#violatedRuns++
    for (const violation of outcome.violations) {
      if (this.#violations.length < VIOLATIONS_LISTED_MAX)
        this.#violations.push({ seed: outcome.seed, ...violation })
    }
  }

  result(): CampaignResult {
    const reason = this.#inconclusive()
    return {
      ...this.#config,
      runs: this.#runs,
      seed: this.#seed,
      events: this.#events,
      landmarks: Object.fromEntries([...this.#landmarks].sort(([a], [b]) => (a < b ? -1 : 1))),
      violations: this.#violations,
      violatedRuns: this.#violatedRuns,
      traceDigest: this.#digest.hex(),
      verdict: this.#violatedRuns > 0 ? 'violated' : reason === undefined ? 'ok' : 'inconclusive',
      ...(reason === undefined ? {} : { reason })
    }
  }

  /** A pass that no fault overlapped, or that never reached what matters, proves nothing. */
  #inconclusive(): string | undefined {
    if (this.#overlapping === 0) return 'no fault overlapped an operation'
    if (this.#config.adversary !== 'swarm' || this.#runs < LANDMARK_RUNS) return undefined
    const missed = requireStack(this.#config.protocol).landmarks.filter(
      (name) => this.#landmarks.get(name) === 0
    )
    return missed.length === 0 ? undefined : `never reached: ${missed.join(', ')}`
  }
}
