/**
 * The votes of one kind in one instance: one per member, each for a digest. The first vote of a member counts;
 * saying it again changes nothing; saying another is noticed. Space: n bits and 32 bytes for each digest voted
 * for, at most n digests.
 */
import { sameBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'

export type VoteOutcome = 'counted' | 'repeated' | 'contradicted'

interface Candidate {
  readonly digest: Uint8Array
  readonly voters: Set<ProcessId>
}

export class Tally {
  readonly #candidates: Candidate[] = []

  vote(voter: ProcessId, digest: Uint8Array): VoteOutcome {
    for (const candidate of this.#candidates) {
      if (candidate.voters.has(voter))
        return sameBytes(candidate.digest, digest) ? 'repeated' : 'contradicted'
    }
    const candidate = this.#candidates.find((other) => sameBytes(other.digest, digest))
    if (candidate !== undefined) candidate.voters.add(voter)
    else this.#candidates.push({ digest, voters: new Set([voter]) })
    return 'counted'
  }

  /** The digest that at least `quorum` members voted for, if any. */
  reached(quorum: number): Uint8Array | undefined {
    return this.#candidates.find(({ voters }) => voters.size >= quorum)?.digest
  }

  /** A digest other than `digest` that at least `quorum` members voted for, if any. */
  reachedOther(quorum: number, digest: Uint8Array): Uint8Array | undefined {
    return this.#candidates.find((other) => other.voters.size >= quorum && !sameBytes(other.digest, digest))
      ?.digest
  }

  votersFor(digest: Uint8Array): readonly ProcessId[] {
    const candidate = this.#candidates.find((other) => sameBytes(other.digest, digest))
    return candidate === undefined ? [] : [...candidate.voters].sort((a, b) => a - b)
  }

  /** Canonical: by digest voted for, in order of first vote, with sorted voters. */
  state(): readonly { readonly digest: Uint8Array; readonly voters: readonly ProcessId[] }[] {
    return this.#candidates.map(({ digest }) => ({ digest, voters: this.votersFor(digest) }))
  }
}
