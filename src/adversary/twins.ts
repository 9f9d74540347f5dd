/**
 * Twins (Bano et al., "Twins: BFT Systems Made Robust", 2021): two instances of the correct stack under one
 * identity, each with a store and an application of its own. In each round every correct member is connected to the
 * first twins of the Byzantine members, to their second ones, or to both; rounds change a few times. Each twin is
 * correct, and knows nothing of the other. Together they may equivocate and contradict themselves; they never send
 * a malformed message.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { Conspiracy } from './conspiracy.ts'
import { Faces } from './faces.ts'
import type { Puppet } from './puppet.ts'
import { Tape } from './tape.ts'

/** How often the members are connected anew ... */
const ROUNDS = 8
/** ... and how long that lasts; milliseconds. */
const ROUND_MS = 250

class Twins extends Faces {
  readonly #conspiracy: Conspiracy
  readonly #tape = new Tape()
  #round = 0

  constructor(context: BehaviourContext) {
    super(context, 2)
    this.#conspiracy = new Conspiracy(context)
  }

  override start(): void {
    super.start()
    const { clock } = this.context.env
    for (let round = 1; round <= ROUNDS; round++) clock.setTimer(round * ROUND_MS, () => this.#begin(round))
  }

  override deliver(from: ProcessId, message: Uint8Array): void {
    if (this.context.byzantine.includes(from)) {
      super.deliver(from, message)
      return
    }
    this.#tape.deliver(from, message)
    for (const twin of this.#connectedTo(from)) twin.deliver(from, message)
  }

  override sessionStarted(peer: ProcessId): void {
    this.#tape.sessionStarted(peer)
    for (const twin of this.#connectedTo(peer)) twin.sessionStarted(peer)
  }

  override sessionEnded(peer: ProcessId, reason: string): void {
    this.#tape.sessionEnded(peer)
    for (const twin of this.#connectedTo(peer)) twin.sessionEnded(peer, reason)
  }

  protected override speak(twin: number, to: ProcessId, message: Uint8Array): void {
    if (!this.#connects(to, twin, this.#round)) return
    if (twin === 1) this.context.report?.('second-twin-spoke')
    this.context.carrier.send(to, message)
  }

  #begin(round: number): void {
    const before = this.#round
    this.#round = round
    for (const peer of this.#tape.peers) {
      this.faces.forEach((twin, index) => {
        const connected = this.#connects(peer, index, round)
        if (connected === this.#connects(peer, index, before)) return
        if (connected) this.#tape.play(peer, twin)
        else twin.sessionEnded(peer, 'connected to the other twin')
      })
    }
  }

  #connectedTo(peer: ProcessId): readonly Puppet[] {
    return this.faces.filter((_, index) => this.#connects(peer, index, this.#round))
  }

  /** Twins of different members are connected first with first and second with second, always. */
  #connects(peer: ProcessId, twin: number, round: number): boolean {
    if (this.context.byzantine.includes(peer)) return true
    const drawn = this.#conspiracy.draw('connection', [peer, round], 5)
    return drawn === 4 || drawn % 2 === twin
  }
}

export const twins: Behaviour = {
  name: 'twins',
  powers: 'runs two correct instances under one identity, connected to changing parts of the group',
  live: false,
  effect: {
    landmarks: ['equivocation-seen', 'conflicting-echo', 'contradicting-vote'],
    faults: ['equivocation']
  },
  create: (context) => new Twins(context)
}
