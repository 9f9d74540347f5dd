/**
 * A group of processes: who they are, how many of them may be faulty, and which quorums follow.
 *
 * The group id is the hash of the immutable genesis (see crypto/genesis.ts). Addresses and clients are outside
 * it, so that a moved port does not void every signature.
 */
import { assert } from './assert.ts'
import { available, byzantineQuorum, correctMajority, majority, maskingQuorum, oneCorrect } from './quorum.ts'

/** The rank 0..n-1 of a member, never reused within a group. */
export type ProcessId = number

export interface Group {
  /** SHA-256 of the genesis, 32 bytes. */
  readonly id: Uint8Array
  /** Number of the configuration; the founding one is 0. */
  readonly epoch: number
  readonly n: number
  readonly f: number
  /** Ed25519 public keys, 32 bytes each, by rank. */
  readonly publicKeys: readonly Uint8Array[]
  /** 0..n-1 */
  readonly ranks: readonly ProcessId[]
  readonly quorum: Quorums
}

export interface Quorums {
  readonly majority: number
  readonly byzantine: number
  readonly masking: number
  readonly oneCorrect: number
  readonly correctMajority: number
  readonly available: number
}

export interface GroupInit {
  id: Uint8Array
  epoch?: number
  f: number
  publicKeys: readonly Uint8Array[]
}

export function createGroup({ id, epoch = 0, f, publicKeys }: GroupInit): Group {
  const n = publicKeys.length
  assert(id.length === 32, 'a group id is a SHA-256 hash')
  assert(Number.isSafeInteger(epoch) && epoch >= 0, 'an epoch is an unsigned integer')
  return Object.freeze({
    id,
    epoch,
    n,
    f,
    publicKeys: Object.freeze([...publicKeys]),
    ranks: Object.freeze(publicKeys.map((_, rank) => rank)),
    quorum: Object.freeze({
      majority: majority(n),
      byzantine: byzantineQuorum(n, f),
      masking: maskingQuorum(n, f),
      oneCorrect: oneCorrect(n, f),
      correctMajority: correctMajority(n, f),
      available: available(n, f)
    })
  })
}

/** Whether `value` is the rank of a member of `group`; the first check on any rank that came from outside. */
export function isMember(group: Group, value: number): value is ProcessId {
  return Number.isSafeInteger(value) && value >= 0 && value < group.n
}
