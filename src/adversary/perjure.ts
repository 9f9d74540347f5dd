/**
 * Everything that a false witness can do, in turn: to each read it tells the truth, shows a value that was overwritten
 * since, changes a value and leaves its signature, or invents one from the future.
 */
import { type Answer, FalseWitness } from './answers.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { inventedAnswer } from './invent.ts'
import { OldAnswers } from './stale.ts'

class Perjurer extends FalseWitness {
  readonly #old: OldAnswers

  constructor(context: BehaviourContext) {
    super(context)
    this.#old = new OldAnswers(context.env)
  }

  protected falsify(answer: Answer): Answer['found'] {
    switch (this.env.random.below(4)) {
      case 0:
        return answer.found
      case 1:
        this.report('stale-answer')
        return this.#old.insteadOf(answer)
      case 2:
        this.report('forged-answer')
        return inventedAnswer(answer, 0)
      default:
        this.report('invented-answer')
        return inventedAnswer(answer, 1)
    }
  }
}

export const perjure: Behaviour = {
  name: 'perjure',
  powers: 'answers reads with old values, with forged ones, and with values from the future, in turn',
  live: true,
  effect: { landmarks: ['forged-answer-rejected', 'stale-answer-outvoted'], faults: ['invalid-signature'] },
  create: (context) => new Perjurer(context)
}
