/**
 * Censors: of some processes it knows nothing. What they ask to be put into the order it does not hear, whoever hands
 * it on, so that it proposes what all others ask for and never theirs; in all else it is correct. Nobody can prove it:
 * a request may be under way. Those who wait for it must give this member up, although it serves everybody else.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { Conspiracy } from './conspiracy.ts'
import { Puppeteer } from './puppeteer.ts'
import { textOf } from './wire.ts'

/** One process in so many is censored. */
const CENSORED_ONE_IN = 3
/** Requests of theirs that are known again when others hand them on. */
const REMEMBERED_MAX = 1024

class Censor extends Puppeteer {
  readonly #conspiracy: Conspiracy
  readonly #known = new Set<string>()

  constructor(context: BehaviourContext) {
    super(context)
    this.#conspiracy = new Conspiracy(context)
  }

  override deliver(from: ProcessId, message: Uint8Array): void {
    const { wire } = this.puppet
    const utterance = wire.read(message)
    const asked = utterance && wire.orderedBy(utterance)
    if (asked === undefined) super.deliver(from, message)
    else {
      const text = textOf(asked)
      if (this.#isCensored(from)) this.#remember(text)
      if (this.#known.has(text)) this.report('request-censored')
      else super.deliver(from, message)
    }
  }

  /** All liars censor the same ones, and none of their own. */
  #isCensored(process: ProcessId): boolean {
    return (
      !this.context.byzantine.includes(process) &&
      this.#conspiracy.draw('censored', [process], CENSORED_ONE_IN) === 0
    )
  }

  #remember(text: string): void {
    this.#known.delete(text)
    this.#known.add(text)
    const [oldest] = this.#known
    if (this.#known.size > REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest)
  }
}

export const censor: Behaviour = {
  name: 'censor',
  powers: 'never proposes what some processes ask for, and is correct in all else',
  live: false,
  effect: { landmarks: ['timeout-doubled'] },
  create: (context) => new Censor(context)
}
