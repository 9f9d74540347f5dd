/**
 * A member that runs the correct stack and, beside it, makes trouble: some acts for each broadcast that its
 * application asks for, spread over what it says and hears from then on.
 */
import type { ProcessId } from '../core/group.ts'
import type { Asked, BehaviourContext } from './behaviour.ts'
import { Budget } from './budget.ts'
import { oneIn, pick } from './draw.ts'
import { Puppeteer } from './puppeteer.ts'

/** Acts at the start and for each broadcast of the application. */
const ACTS_PER_BROADCAST = 24

export abstract class Troublemaker extends Puppeteer {
  readonly #budget = new Budget()
  readonly #acts: number

  constructor(context: BehaviourContext, acts = ACTS_PER_BROADCAST) {
    super(context)
    this.#acts = acts
  }

  /** Makes trouble, once. */
  protected abstract act(): void

  override start(): void {
    this.#budget.grant(this.#acts)
    super.start()
  }

  override ask(asked: Asked): void {
    this.#budget.grant(this.#acts)
    super.ask(asked)
    this.#perhapsAct()
  }

  override deliver(from: ProcessId, message: Uint8Array): void {
    this.heard(from, message)
    super.deliver(from, message)
    this.#perhapsAct()
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    this.heard(this.env.self, message)
    super.say(to, message)
    this.#perhapsAct()
  }

  /** A message of another, or of its own stack, from which it may learn. */
  protected heard(_from: ProcessId, _message: Uint8Array): void {}

  protected victim(): ProcessId {
    return pick(this.correct, this.env.random)
  }

  #perhapsAct(): void {
    if (this.correct.length > 0 && oneIn(2, this.env.random) && this.#budget.spend()) this.act()
  }
}
