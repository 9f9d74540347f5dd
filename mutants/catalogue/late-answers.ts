/**
 * Mutants that take out, one behind the other, what keeps an answer from counting in another life of who asked: each
 * defence alone hides that the others are missing, and has a test of its component.
 */
import type { Change, Mutant } from '../mutant.ts'

const PORTS = 'links/ports.ts'
const CALLS = 'registers/calls.ts'

/** What was held back, or is sent while there is no session, comes into the next one. */
const sessions: readonly [Change, Change] = [
  { file: PORTS, find: '    if (this.#gone.has(to)) return\n', replace: '' },
  {
    file: PORTS,
    find: 'if (this.#ended.get(to) === ended) this.#carrier.send(to, encoded)\n      else',
    replace: 'this.#carrier.send(to, encoded)\n      if (this.#ended.get(to) !== ended)'
  }
]
/** A member remembers what was asked in a session that has ended. */
const waiting: Change = {
  file: 'registers/authenticated-storage.ts',
  find: '    this.#bodies?.forgetWhatWasAsked(peer)\n',
  replace: ''
}
/** Calls are told apart by their numbers alone, which begin anew in each life. */
const lives: Change = {
  file: CALLS,
  find: 'life === this.#env.incarnation ? this.#open.get(number) : undefined',
  replace: 'this.#open.get(number)'
}
/** An answer need not be one to what was asked under its number. */
const questions: Change = {
  file: CALLS,
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
    trials: [{ protocol: 'authenticated-data-register', members: 4 }]
  },
  {
    name: 'answers-of-an-earlier-life-are-taken-for-lies',
    kind: 'false accusation',
    changes: [...sessions, waiting, lives],
    breaks: 'accuracy',
    because:
      'a member that answers late is named for it by who lives again, and has asked something else under that number',
    trials: [{ protocol: 'key-value-store', members: 4 }]
  }
]
