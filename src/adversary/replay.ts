/**
 * Replays: it keeps what it said and what it heard, of this session and of earlier ones, and says it again, unchanged,
 * to the same member or to another; likewise whole frames, where it sees them. It may so claim the broadcasts and
 * votes of others as its own, which makes it equivocate, and repeat the state of long ago; under its links nothing
 * of it can be taken for another's word, or for a word of this session.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour } from './behaviour.ts'
import { oneIn, pick } from './draw.ts'
import { Troublemaker } from './troublemaker.ts'

/** How much it keeps of either. */
const KEPT_MAX = 256

class Replayer extends Troublemaker {
  readonly #messages: Uint8Array[] = []
  readonly #frames: Uint8Array[] = []

  override sessionStarted(peer: ProcessId): void {
    // Before the first word of the new session: one of an old one.
    if (this.#messages.length > 0) this.#replayMessage(peer)
    super.sessionStarted(peer)
  }

  frame(_from: ProcessId, frame: Uint8Array): void {
    keep(this.#frames, frame)
  }

  protected override heard(_from: ProcessId, message: Uint8Array): void {
    keep(this.#messages, message)
  }

  protected override act(): void {
    const { injectFrame } = this.context
    if (injectFrame !== undefined && this.#frames.length > 0 && oneIn(2, this.env.random)) {
      this.report('replayed-frame')
      injectFrame(this.victim(), pick(this.#frames, this.env.random))
    } else if (this.#messages.length > 0) this.#replayMessage(this.victim())
  }

  #replayMessage(to: ProcessId): void {
    this.report('replayed-message')
    this.tell(to, pick(this.#messages, this.env.random))
  }
}

function keep(kept: Uint8Array[], bytes: Uint8Array): void {
  kept.push(Uint8Array.from(bytes))
  if (kept.length > KEPT_MAX) kept.shift()
}

export const replay: Behaviour = {
  name: 'replay',
  powers: 'says again what it or others said earlier, to anybody',
  live: true,
  effect: {
    landmarks: ['equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'invalid-certificate'],
    faults: ['invalid-signature', 'protocol-violation', 'invalid-mac']
  },
  create: (context) => new Replayer(context)
}
