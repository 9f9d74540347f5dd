/**
 * Consistent hashing (Karger et al. 1997, with the virtual nodes of DeCandia et al. 2007): which members keep a key.
 *
 * Each member has VIRTUAL_NODES points on a ring; a key belongs to the first `replicas` distinct members clockwise from
 * its own point. Points are hashes of rank and index, and of the key: everybody finds the same replicas without asking.
 * A key's first replica is spread evenly over the members, and so is who takes over where one is missing.
 *
 * Space: VIRTUAL_NODES points for each member, `replicas` ranks at each point.
 */
import { assert } from '../core/assert.ts'
import { utf8 } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import { VIRTUAL_NODES } from './constants.ts'

interface Point {
  readonly at: number
  readonly rank: ProcessId
}

/** Bytes of a hash that are a position: the ring has 2^48. */
const POSITION_BYTES = 6

export class HashRing {
  readonly #hash: (bytes: Uint8Array) => Uint8Array
  readonly #points: readonly Point[]
  /** By point: the replicas of what lies just before it, the first of them first. */
  readonly #preferences: readonly (readonly ProcessId[])[]

  constructor(ranks: readonly ProcessId[], replicas: number, hash: (bytes: Uint8Array) => Uint8Array) {
    assert(
      replicas >= 1 && replicas <= ranks.length,
      'a key has at least one replica, and at most all members'
    )
    this.#hash = hash
    this.#points = ranks
      .flatMap((rank) =>
        Array.from({ length: VIRTUAL_NODES }, (_, index) => ({
          at: positionOf(hash(utf8(`byzkit/leaderless/point/${rank}/${index}`))),
          rank
        }))
      )
      .sort((a, b) => a.at - b.at || a.rank - b.rank)
    this.#preferences = this.#points.map((_, index) => this.#clockwise(index, replicas))
  }

  /** 32 bytes that stand for a key, here and in the Merkle trees. */
  idOf(key: string): Uint8Array {
    return this.#hash(utf8(`byzkit/leaderless/key/${key}`))
  }

  /** The replicas of a key, in the order in which a put tries them. */
  replicasOf(id: Uint8Array): readonly ProcessId[] {
    const at = positionOf(id)
    let low = 0
    let high = this.#points.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#points[middle] as Point).at < at) low = middle + 1
      else high = middle
    }
    return this.#preferences[low % this.#points.length] as readonly ProcessId[]
  }

  /** The other members that keep some of the keys that `rank` keeps, in order. */
  neighboursOf(rank: ProcessId): readonly ProcessId[] {
    const shared = this.#preferences.filter((replicas) => replicas.includes(rank)).flat()
    return [...new Set(shared)].filter((other) => other !== rank).sort((a, b) => a - b)
  }

  #clockwise(start: number, replicas: number): readonly ProcessId[] {
    const found = new Set<ProcessId>()
    for (let step = 0; found.size < replicas; step++)
      found.add((this.#points[(start + step) % this.#points.length] as Point).rank)
    return [...found]
  }
}

const positionOf = (hash: Uint8Array): number =>
  hash.subarray(0, POSITION_BYTES).reduce((position, byte) => position * 256 + byte, 0)
