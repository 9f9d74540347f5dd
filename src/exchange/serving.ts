/**
 * When a member may serve: amnesia is a Byzantine fault (decision 0012).
 *
 * A member answers no client before n - 1 - f other members have begun a session with it in this life. Links refuse a
 * process that lives with less than it had stored before, if they have seen a later life of it; and one that serves was
 * seen by n - 1 - f others. So whoever comes back on an emptied or an older folder needs n - 1 - f members who have not
 * seen the life that it forgot; since two such sets share n - 1 - 2f >= f others, of which at most f - 1 are faulty (it
 * counts as one itself), one of those refuses it: it does not serve again under that key.
 *
 * Whoever asks before that is turned away, and told when the member serves: in which message is its component's own.
 *
 * Space: one number for each member, and one for each process that was turned away.
 */
import type { Group, ProcessId } from '../core/group.ts'
import { isMember } from '../core/group.ts'

export class Serving {
  readonly #group: Group
  readonly #needed: number
  readonly #tell: (turnedAway: ProcessId) => void
  readonly #seenBy = new Set<ProcessId>()
  readonly #turnedAway = new Set<ProcessId>()

  /** @param tell - is called, once for each process that was turned away, when this member serves */
  constructor(group: Group, tell: (turnedAway: ProcessId) => void) {
    this.#group = group
    this.#tell = tell
    this.#needed = Math.max(0, group.quorum.available - 1)
  }

  get mayServe(): boolean {
    return this.#seenBy.size >= this.#needed
  }

  /** Whether `from` is to be answered; if not, it is told when it may ask again. */
  admits(from: ProcessId): boolean {
    if (!this.mayServe) this.#turnedAway.add(from)
    return this.mayServe
  }

  /** A session with `peer` has begun. */
  sessionWith(peer: ProcessId): void {
    if (this.mayServe || !isMember(this.#group, peer)) return
    this.#seenBy.add(peer)
    if (!this.mayServe) return
    for (const turnedAway of this.#turnedAway) this.#tell(turnedAway)
    this.#turnedAway.clear()
  }
}
