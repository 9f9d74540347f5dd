/**
 * A group of processes: who they are, how many of them may be faulty, and which quorums follow.
 *
 * The group id is the hash of the immutable genesis (see crypto/genesis.ts). Addresses and clients are outside
 * it, so that a moved port does not void every signature.
 */
import { assert } from './assert.ts'
import { sameBytes } from './bytes.ts'
import { available, byzantineQuorum, correctMajority, majority, maskingQuorum, oneCorrect } from './quorum.ts'

/**
 * A process: the rank 0..n-1 of a member, never reused within a group; or, from n on, a client, which uses what the
 * members serve and is none of them. A client's number is this process's own name for its public key: it means
 * nothing elsewhere, and neither travels nor is signed.
 */
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
  /** Ed25519 public keys of the clients that this process knows, by process number less n. */
  readonly clients: readonly Uint8Array[]
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
  clients?: readonly Uint8Array[]
}

export function createGroup({ id, epoch = 0, f, publicKeys, clients = [] }: GroupInit): Group {
  const n = publicKeys.length
  assert(id.length === 32, 'a group id is a SHA-256 hash')
  assert(Number.isSafeInteger(epoch) && epoch >= 0, 'an epoch is an unsigned integer')
  return Object.freeze({
    id,
    epoch,
    n,
    f,
    publicKeys: Object.freeze([...publicKeys]),
    clients: Object.freeze([...clients]),
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

/** The public key of a member or a client; undefined for any other number. */
export function publicKeyOf({ n, publicKeys, clients }: Group, process: ProcessId): Uint8Array | undefined {
  return process < n ? publicKeys[process] : clients[process - n]
}

/** Who has this public key, member or client; undefined if nobody has whom this process knows. */
export function processOf({ n, publicKeys, clients }: Group, publicKey: Uint8Array): ProcessId | undefined {
  const rank = publicKeys.findIndex((key) => sameBytes(key, publicKey))
  if (rank >= 0) return rank
  const client = clients.findIndex((key) => sameBytes(key, publicKey))
  return client < 0 ? undefined : n + client
}

/** Who a process has a link to: a member to everybody, a client to the members. */
export function peersOf(group: Group, self: ProcessId): readonly ProcessId[] {
  const clients = self < group.n ? group.clients.map((_, client) => group.n + client) : []
  return [...group.ranks, ...clients].filter((peer) => peer !== self)
}

/** For people. */
export const nameOf = ({ n }: Pick<Group, 'n'>, process: ProcessId): string =>
  process < n ? `member ${process}` : `client ${process - n}`
