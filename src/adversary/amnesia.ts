/**
 * Follows the protocol, but loses its disk at moments drawn from the seed and goes on under the same identity with
 * the correct stack and an empty store: it numbers its broadcasts from 0 again and does not know what it voted
 * for. It may so equivocate and contradict itself without a wish to lie: amnesia is a Byzantine fault.
 */
import type { ProcessId } from '../core/group.ts'
import type { Asked, Behaviour, BehaviourContext, ByzantineMember } from './behaviour.ts'
import { oneIn } from './draw.ts'
import { Puppet } from './puppet.ts'
import { Tape } from './tape.ts'

/** How often it forgets ... */
const LOSSES_MAX = 4
/** ... and within which time; milliseconds. */
const LOSSES_WITHIN_MS = 1000

class Amnesiac implements ByzantineMember {
  readonly #context: BehaviourContext
  readonly #tape = new Tape()
  #puppet: Puppet

  constructor(context: BehaviourContext) {
    this.#context = context
    this.#puppet = this.#emptied()
  }

  start(): void {
    const { clock, random } = this.#context.env
    const losses = 1 + random.below(LOSSES_MAX)
    for (let i = 0; i < losses; i++) clock.setTimer(random.below(LOSSES_WITHIN_MS), () => this.#forget())
    this.#puppet.start()
  }

  ask(asked: Asked): void {
    this.#puppet.ask(asked)
  }

  deliver(from: ProcessId, message: Uint8Array): void {
    this.#tape.deliver(from, message)
    this.#puppet.deliver(from, message)
  }

  sessionStarted(peer: ProcessId): void {
    this.#tape.sessionStarted(peer)
    this.#puppet.sessionStarted(peer)
  }

  sessionEnded(peer: ProcessId, reason: string): void {
    this.#tape.sessionEnded(peer)
    this.#puppet.sessionEnded(peer, reason)
  }

  #emptied(): Puppet {
    const { carrier } = this.#context
    return new Puppet(this.#context, (to, message) => carrier.send(to, message))
  }

  #forget(): void {
    const { env, report } = this.#context
    report?.('store-lost')
    this.#puppet.discard()
    this.#puppet = this.#emptied()
    this.#puppet.start()
    // The others tell it where they stand, at least; perhaps they tell it all again.
    const messages = oneIn(2, env.random) ? 1 : undefined
    for (const peer of this.#tape.peers) this.#tape.play(peer, this.#puppet, messages)
  }
}

export const amnesia: Behaviour = {
  name: 'amnesia',
  powers: 'follows the protocol, but loses its store at times and goes on as itself',
  live: false,
  effect: { landmarks: ['equivocation-seen', 'contradicting-vote'], broadcasts: 'missing' },
  create: (context) => new Amnesiac(context)
}
