/**
 * Two faces: of each register it shows the newest value to the reader that asks for it first, and what was there before
 * to all others, until there is a newer one. A write that stands at few members is so to be seen by one reader and not
 * by the next: what that one has returned must not depend on it.
 */
import type { ProcessId } from '../core/group.ts'
import { type Answer, FalseWitness, subjectOf } from './answers.ts'
import type { Behaviour } from './behaviour.ts'
import { textOf } from './wire.ts'

/** Registers of which both faces are remembered. */
const REMEMBERED_MAX = 1024

interface Faces {
  readonly newest: Answer['found']
  /** Who is shown it. */
  readonly reader: ProcessId
  /** What the others are shown; undefined: nothing was there before that this member was asked for. */
  readonly before: Answer['found'] | undefined
}

class TwoFaced extends FalseWitness {
  readonly #faces = new Map<string, Faces>()

  protected falsify(answer: Answer, reader: ProcessId): Answer['found'] {
    const key = subjectOf(answer)
    const { found } = answer
    const known = this.#faces.get(key)
    if (known === undefined || textOf(known.newest) !== textOf(found)) {
      if (known !== undefined || this.#faces.size < REMEMBERED_MAX)
        this.#faces.set(key, { newest: found, reader, before: known?.newest })
      return found
    }
    if (reader === known.reader || known.before === undefined) return found
    this.report('predecessor-shown')
    return known.before
  }
}

export const twoFaced: Behaviour = {
  name: 'two-faced',
  powers: 'answers one reader with the newest value, and all others with the one before it',
  live: true,
  effect: { landmarks: ['stale-answer-outvoted'] },
  create: (context) => new TwoFaced(context)
}
