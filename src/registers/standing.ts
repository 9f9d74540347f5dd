/**
 * When a member may serve: amnesia is a Byzantine fault (decision 0012).
 *
 * A member answers no client before n - 1 - f other members have begun a session with it in this life. Links refuse a
 * process that lives with less than it had stored before, if they have seen a later life of it; and one that serves was
 * seen by n - 1 - f others. So whoever comes back on an emptied or an older folder needs n - 1 - f members who have not
 * seen the life that it forgot; since two such sets share n - 1 - 2f >= f others, of which at most f - 1 are faulty (it
 * counts as one itself), one of those refuses it: it does not serve again under that key.
 *
 * Whoever asks before that is turned away, and told when it serves.
 *
 * Space: one number for each member, and one for each process that was turned away.
 */
import type { Group, ProcessId } from '../core/group.ts'
import { isMember } from '../core/group.ts'

export class Standing {
  readonly #group: Group
  readonly #needed: number
  readonly #seenBy = new Set<ProcessId>()
  readonly #turnedAway = new Set<ProcessId>()

  constructor(group: Group) {
    this.#group = group
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

  /** A session with `peer` has begun. @returns who is to be told now that this member serves */
  sessionWith(peer: ProcessId): readonly ProcessId[] {
    if (this.mayServe || !isMember(this.#group, peer)) return []
    this.#seenBy.add(peer)
    if (!this.mayServe) return []
    const told = [...this.#turnedAway]
    this.#turnedAway.clear()
    return told
  }
}
