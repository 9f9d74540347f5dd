/**
 * What a client makes of the answers to a call: it gathers acknowledgements of a quorum, or waits until enough
 * processes have given one answer. Both end their call by themselves.
 */
import type { ProcessId } from '../core/group.ts'
import type { CallId, Question, Reply } from './call-id.ts'
import type { Call, Calls } from './calls.ts'
import { Tally } from './tally.ts'

/** What is asked; of whom, if not of all members. */
interface Asked<Q> {
  readonly question: (call: CallId) => Q
  /** Default: all members. */
  readonly whom?: readonly ProcessId[]
}

/** @typeParam R - why something is refused */
export interface Gathering<Q, A, R> extends Asked<Q> {
  /** How many acknowledgements are enough. */
  readonly quorum: number
  /** How many are asked. */
  readonly of: number
  /** What an answer is; undefined: none that a correct process gives. */
  readonly judge: (answer: A) => 'acknowledged' | R | undefined
  /** Names who gave such a one. */
  readonly wrong?: (from: ProcessId, answer: A) => void
  /** Is told, once, that a quorum has acknowledged it; or the last reason why so many refuse it that none will. */
  readonly returned: (refusal?: R) => void
}

/** Asks until a quorum has acknowledged, or so many refuse that no quorum is left. */
export function gather<Q extends Question, A extends Reply, R extends string>(
  calls: Calls<Q, A>,
  { question, whom, quorum, of, judge, wrong, returned }: Gathering<Q, A, R>
): Pick<Call, 'end'> {
  let acknowledged = 0
  let refused = 0
  const call: Call = calls.begin(
    question,
    (from, answer) => {
      const judgement = judge(answer)
      if (judgement === undefined) {
        wrong?.(from, answer)
        return false
      }
      if (judgement === 'acknowledged') acknowledged++
      else refused++
      if (acknowledged < quorum && refused <= of - quorum) return true
      call.end()
      returned(judgement === 'acknowledged' ? undefined : judgement)
      return true
    },
    whom
  )
  if (quorum <= 0) {
    call.end()
    returned()
  }
  return call
}

export interface Matching<Q, A> extends Asked<Q> {
  /** How many equal answers are enough: of f + 1 of them one is that of a correct process. */
  readonly k: number
  /** Equal for equal answers, and for no others: a digest. Undefined: no answer that a correct process gives. */
  readonly digestOf: (from: ProcessId, answer: A) => Uint8Array | undefined
  /** Is told, once, an answer that k processes gave. */
  readonly returned: (answer: A) => void
}

/**
 * Asks until k processes have given equal answers. Each process has one answer: where correct ones may come to differ
 * for a while, the caller asks those again that have answered.
 */
export function matching<Q extends Question, A extends Reply>(
  calls: Calls<Q, A>,
  { question, whom, k, digestOf, returned }: Matching<Q, A>
): Pick<Call, 'end'> {
  const answers = new Tally()
  const call: Call = calls.begin(
    question,
    (from, answer) => {
      const digest = digestOf(from, answer)
      if (digest === undefined) return false
      answers.vote(from, digest)
      if (answers.reached(k) === undefined) return true
      call.end()
      returned(answer)
      return true
    },
    whom
  )
  return call
}
