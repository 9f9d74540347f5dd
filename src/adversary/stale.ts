/**
 * Acknowledges every write, and answers reads with what it had long ago: values that were really written, with valid
 * signatures, and overwritten since. Now and then it learns something newer, to be believed again.
 */
import type { Environment } from '../core/environment.ts'
import { type Answer, FalseWitness, subjectOf } from './answers.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { oneIn, pick } from './draw.ts'

/** Registers whose old answers are remembered. */
const REMEMBERED_MAX = 1024
/** How long an answer is repeated for at least, milliseconds: one of these, drawn once. */
const PATIENCE_MS = [0, 300, 5000]
/** Later, one in so many answers is true, and repeated from then on. */
const REFRESHED_ONE_IN = 8

/** What it said of a register, and since when. */
interface Old {
  readonly found: Answer['found']
  readonly sinceMs: number
}

/** The answers that it gave long ago, by register. */
export class OldAnswers {
  readonly #env: Pick<Environment, 'random' | 'clock'>
  readonly #patienceMs: number
  readonly #old = new Map<string, Old>()

  constructor(env: Pick<Environment, 'random' | 'clock'>) {
    this.#env = env
    this.#patienceMs = pick(PATIENCE_MS, env.random)
  }

  insteadOf(answer: Answer): Answer['found'] {
    const key = subjectOf(answer)
    const old = this.#old.get(key)
    const now = this.#env.clock.now()
    // Clocks may jump back.
    const isPatient = old !== undefined && Math.abs(now - old.sinceMs) < this.#patienceMs
    if (old !== undefined && (isPatient || !oneIn(REFRESHED_ONE_IN, this.#env.random))) return old.found
    const { found } = answer
    if (this.#old.size < REMEMBERED_MAX || old !== undefined) this.#old.set(key, { found, sinceMs: now })
    return found
  }
}

class Stale extends FalseWitness {
  readonly #old: OldAnswers

  constructor(context: BehaviourContext) {
    super(context)
    this.#old = new OldAnswers(context.env)
  }

  protected falsify(answer: Answer): Answer['found'] {
    this.report('stale-answer')
    return this.#old.insteadOf(answer)
  }
}

export const stale: Behaviour = {
  name: 'stale',
  powers: 'acknowledges writes, and answers reads with values that were overwritten since',
  live: true,
  effect: { landmarks: ['stale-answer-outvoted'] },
  create: (context) => new Stale(context)
}
