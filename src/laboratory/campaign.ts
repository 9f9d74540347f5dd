/**
 * A campaign: many runs of one configuration, each with its own seed, judged and summed up. The outcome is the same
 * for any number of workers: run i of seed s has the seed s + i, and what the runs say is merged in that order.
 */
import type { Violation } from '../checkers/violation.ts'
import { TraceDigest } from '../simulator/digest.ts'
import { propertyOf } from './abstractions/index.ts'
import type { Recording } from './recording.ts'
import type { RunOutcome } from './run.ts'
import { type RunConfig, requireStack } from './run-config.ts'

/** At most so many violating runs are listed; all are counted. */
export const VIOLATIONS_LISTED_MAX = 20

/** From so many runs on, every landmark that is required against the adversary must have been reached. */
export const LANDMARK_RUNS = 1000

export interface ViolatedRun extends Violation {
  readonly seed: number
  readonly recording?: Recording
}

export type Verdict = 'ok' | 'violated' | 'inconclusive'

/**
 * The forms of fault tolerance (Gärtner 1999): safety and liveness held; safety alone; liveness alone; neither. What
 * is judged once the faults have ended counts as liveness.
 */
export type Tolerance = 'masking' | 'fail-safe' | 'non-masking' | 'none'

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
  /** Which form of fault tolerance was seen. */
  readonly tolerance: Tolerance
  /** Why it is inconclusive. */
  readonly reason?: string
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
  #unsafe = false
  #stuck = false

  constructor(config: RunConfig, seed: number) {
    this.#config = config
    this.#seed = seed
    for (const name of requiredLandmarks(config)) this.#landmarks.set(name, 0)
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
      if (isLiveness(this.#config, violation.property)) this.#stuck = true
      else this.#unsafe = true
      if (this.#violations.length < VIOLATIONS_LISTED_MAX)
        this.#violations.push({ ...violation, ...seedOf(outcome) })
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
      tolerance: this.#tolerance(),
      ...(reason === undefined ? {} : { reason })
    }
  }

  #tolerance(): Tolerance {
    if (this.#unsafe) return this.#stuck ? 'none' : 'non-masking'
    return this.#stuck ? 'fail-safe' : 'masking'
  }

  /** A pass that no fault overlapped, or that never reached what matters, proves nothing. */
  #inconclusive(): string | undefined {
    if (this.#overlapping === 0) return 'no fault overlapped an operation'
    if (this.#runs < LANDMARK_RUNS) return undefined
    const missed = requiredLandmarks(this.#config).filter((name) => this.#landmarks.get(name) === 0)
    return missed.length === 0 ? undefined : `never reached: ${missed.join(', ')}`
  }
}

const seedOf = ({ seed, recording }: RunOutcome) => (recording === undefined ? { seed } : { seed, recording })

/** What a check of the protocol's own finds is taken for the worse. */
const isLiveness = ({ protocol }: RunConfig, property: string): boolean =>
  propertyOf(requireStack(protocol), property)?.kind === 'liveness'

/** Of the swarm, and of the crash model, all that the protocol names; of another adversary what it is there for. */
function requiredLandmarks({ protocol, adversary }: RunConfig): readonly string[] {
  const { landmarks, landmarksAgainst, model } = requireStack(protocol)
  // Where nobody lies, what happens is what crashes and the network lead to.
  if (adversary === 'swarm' || !model.liars) return landmarks
  // A mixture of behaviours is expected to reach the landmarks of each of its parts.
  const parts = (adversary ?? '').split('+')
  return [...new Set(parts.flatMap((part) => landmarksAgainst?.[part] ?? []))]
}
