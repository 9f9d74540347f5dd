/**
 * When a member may serve (DESIGN, rule 13: amnesia is a Byzantine fault).
 *
 * A member answers no client before n - 1 - f other members have begun a session with it in this life. Links refuse a
 * process that lives with less than it had stored before, if they have seen a later life of it; and one that serves was
 * seen by n - 1 - f others. So whoever comes back on an emptied or an older folder needs n - 1 - f members who have not
 * seen the life that it forgot; since two such sets share n - 1 - 2f >= f others, of which at most f - 1 are faulty (it
 * counts as one itself), one of those refuses it: it does not serve again under that key.
 *
 * Space: one number for each member.
 */
import type { Group, ProcessId } from '../core/group.ts'
import { isMember } from '../core/group.ts'

export class Standing {
  readonly #group: Group
  readonly #needed: number
  readonly #seenBy = new Set<ProcessId>()

  constructor(group: Group) {
    this.#group = group
    this.#needed = Math.max(0, group.quorum.available - 1)
  }

  get mayServe(): boolean {
    return this.#seenBy.size >= this.#needed
  }

  /** A session with `peer` has begun. @returns whether this one made the difference */
  sessionWith(peer: ProcessId): boolean {
    if (this.mayServe || !isMember(this.#group, peer)) return false
    this.#seenBy.add(peer)
    return this.mayServe
  }
}
