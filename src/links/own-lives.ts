/**
 * What peers say that they have seen of this process. A life that its store does not remember: its store was emptied or
 * put back, it has lost its votes, and correct members refuse it. But one of them alone proves nothing: any f members
 * may lie. It is believed once more than f members say so, one of whom is correct; until then, each of them is
 * suspected. Clients do not count: any number of them may lie.
 *
 * Space: one number for each member.
 */
import type { Environment } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { isMember, nameOf, type ProcessId } from '../core/group.ts'
import { EARLIER_LIVES_MAX } from './constants.ts'

export class OwnLives {
  readonly #env: Environment
  /** Lived before this one in the same store, the oldest first. */
  readonly earlier: readonly number[]
  readonly #disputedBy = new Set<ProcessId>()

  constructor(env: Environment, earlier: readonly number[]) {
    this.#env = env
    this.earlier = earlier
  }

  /** `peer` says that it has seen life `seen` of this process. @returns why nothing can begin with it */
  dispute(peer: ProcessId, seen: number): Fault | undefined {
    const { self, incarnation, group } = this.#env
    if (seen === incarnation || remembers(this.earlier, seen)) return undefined
    if (isMember(group, peer)) this.#disputedBy.add(peer)
    const says = `has seen life ${seen} of ${nameOf(group, self)}, which knows nothing of it`
    if (this.#disputedBy.size < group.quorum.oneCorrect) {
      const detail = `says that it ${says}: one of the two lies, or has lost what it had stored`
      return { process: peer, kind: 'protocol-violation', certainty: 'suspected', detail }
    }
    const others = this.#disputedBy.size > 1 ? `, as ${this.#disputedBy.size} members say` : ''
    const detail =
      `${nameOf(group, peer)} ${says}${others}: its data folder was emptied or restored, or it ran in memory; ` +
      'it has lost its votes, and needs a new key in a new group'
    return { process: self, kind: 'amnesia', certainty: 'suspected', detail }
  }
}

/**
 * Whether a store in which these lives were lived is that of `life` too, as far as they tell; 0 is before all of them.
 */
export function remembers(lives: readonly number[], life: number): boolean {
  const isBefore = lives.length === EARLIER_LIVES_MAX && life < (lives[0] ?? 0)
  return life === 0 || isBefore || lives.includes(life)
}
