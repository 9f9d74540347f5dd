/**
 * Mutants that take out, one behind the other, what keeps an answer from counting in another life of who asked: each
 * defence alone hides that the others are missing, and has a test of its component.
 */
import type { Change, Mutant } from '../mutant.ts'

/** What was held back, or is sent while there is no session, comes into the next one. */
const sessions: readonly [Change, Change] = [
  { in: 'Ports.#send', find: '    if (this.#gone.has(to)) return\n', replace: '' },
  {
    in: 'Ports.#send',
    find: 'if (this.#ended.get(to) === ended) this.#carrier.send(to, encoded)\n      else',
    replace: 'this.#carrier.send(to, encoded)\n      if (this.#ended.get(to) !== ended)'
  }
]
/** A member remembers what was asked in a session that has ended. */
const waiting: Change = {
  in: 'AuthenticatedStorage.#onResync',
  find: '    this.#bodies?.forgetWhatWasAsked(peer)\n',
  replace: ''
}
/** Calls are told apart by their numbers alone, which begin anew in each life. */
const lives: Change = {
  in: 'Calls.answer',
  find: 'life === this.#env.incarnation ? this.#open.get(number) : undefined',
  replace: 'this.#open.get(number)'
}
/** An answer need not be one to what was asked under its number. */
const questions: Change = {
  in: 'Calls.answer',
  find: 'if (!sameBytes(question, call.question)) {',
  replace: 'if (question.length === 0) {'
}

export const lateAnswerMutants: readonly Mutant[] = [
  {
    name: 'answers-of-an-earlier-life-count',
    kind: 'forgotten binding',
    changes: [...sessions, waiting, lives, questions],
    breaks: 'validity',
    because:
      'a late acknowledgement of another write, and that of a liar, complete one that a single correct member has',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-data-register', members: 4 }]
  },
  {
    name: 'answers-of-an-earlier-life-are-taken-for-lies',
    kind: 'false accusation',
    changes: [...sessions, waiting, lives],
    breaks: 'accuracy',
    because:
      'a member that answers late is named for it by who lives again, and has asked something else under that number',
    by: 'campaign',
    trials: [{ protocol: 'key-value-store', members: 4 }]
  }
]
