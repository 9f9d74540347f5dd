/** Who the service speaks for: its key, its rank in the group, and the other members as libp2p knows them. */
import { privateKeyFromRaw, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { isPeerId, type PeerId, type PrivateKey, type PublicKey } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromPublicKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { concatBytes, sameBytes } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { shown } from '../core/parameters.ts'
import type { GroupFile } from '../crypto/group-file.ts'
import { defaultBackend, PUBLIC_KEY_BYTES, SECRET_KEY_BYTES } from '../crypto/index.ts'
import { peerIdsIn } from '../crypto/multiaddr-text.ts'
import { KeyMismatchError, NotAClientError, NotAMemberError } from './errors.ts'
import type { TransportMember } from './transport.ts'

/** An Ed25519 public key: as its 32 bytes, as libp2p has it, or as the peer id that is made of it. */
export type AnyPublicKey = Uint8Array | PublicKey | PeerId

/** Its bytes, a copy. @throws {InvalidParametersError} that begins with `what` it is the key of */
export function requirePublicKey(what: string, key: AnyPublicKey): Uint8Array {
  const publicKey = isPeerId(key) ? key.publicKey : key
  const raw =
    publicKey instanceof Uint8Array ? publicKey : publicKey?.type === 'Ed25519' ? publicKey.raw : undefined
  if (raw instanceof Uint8Array && raw.length === PUBLIC_KEY_BYTES) return new Uint8Array(raw)
  const given = isPeerId(key) ? `the peer id ${key}, which is made of none` : shown(key)
  throw new InvalidParametersError(
    `${what} is an Ed25519 public key, as ${PUBLIC_KEY_BYTES} bytes, a PublicKey or a PeerId of libp2p, not ${given}`
  )
}

/**
 * A seed, or any libp2p private key, as a libp2p private key: for `privateKey` of `createLibp2p`.
 * @throws {InvalidParametersError} if the seed is not one of 32 bytes
 */
export function toPrivateKey(key: Uint8Array | PrivateKey): PrivateKey {
  if (!(key instanceof Uint8Array)) return key
  if (key.length !== SECRET_KEY_BYTES) {
    throw new InvalidParametersError(`key: expected a seed of ${SECRET_KEY_BYTES} bytes, not ${key.length}`)
  }
  return privateKeyFromRaw(concatBytes(key, defaultBackend.publicKey(key)))
}

/**
 * The seed of the key by which the node is known.
 * @throws {KeyMismatchError} if `key` is another one than the node's
 */
export function requireOwnKey(key: Uint8Array | PrivateKey, node: PeerId): Uint8Array {
  const privateKey = toPrivateKey(key)
  const peerId = peerIdFromPrivateKey(privateKey)
  if (!peerId.equals(node)) {
    throw new KeyMismatchError(`the key given is that of ${peerId}, but the node is ${node}`)
  }
  if (privateKey.type !== 'Ed25519') {
    throw new NotAMemberError(
      `members and clients have Ed25519 keys; that of ${node} is of type ${privateKey.type}`
    )
  }
  return privateKey.raw.slice(0, SECRET_KEY_BYTES)
}

/**
 * The rank of the owner of a seed.
 * @throws {NotAMemberError} if it is no member
 */
export function requireRank({ genesis }: GroupFile, seed: Uint8Array): ProcessId {
  const own = defaultBackend.publicKey(seed)
  const rank = genesis.publicKeys.findIndex((publicKey) => sameBytes(publicKey, own))
  if (rank >= 0) return rank
  const peerId = peerIdFromPublicKey(publicKeyFromRaw(own))
  throw new NotAMemberError(`${peerId} is none of the ${genesis.publicKeys.length} members of the group`)
}

/**
 * The public key of the owner of a seed.
 * @throws {NotAClientError} if it is no client
 */
export function requireClient({ genesis, clients }: GroupFile, seed: Uint8Array): Uint8Array {
  const own = defaultBackend.publicKey(seed)
  if (clients.some((publicKey) => sameBytes(publicKey, own))) return own
  const peerId = peerIdFromPublicKey(publicKeyFromRaw(own))
  throw new NotAClientError(
    genesis.publicKeys.some((publicKey) => sameBytes(publicKey, own))
      ? `${peerId} is a member of the group: its own service has the registers`
      : `${peerId} is none of the ${clients.length} clients in the group file: members let in only those`
  )
}

/** The clients that a process knows, by number less that of members. */
export const clientsOf = ({ clients }: Pick<Group, 'clients'>): PeerId[] =>
  clients.map((publicKey) => peerIdFromPublicKey(publicKeyFromRaw(publicKey)))

/** @throws {InvalidParametersError} if an address is none, or has the peer id of another */
export function membersOf({ genesis, addresses }: GroupFile): TransportMember[] {
  return genesis.publicKeys.map((publicKey, rank) => {
    const peerId = peerIdFromPublicKey(publicKeyFromRaw(publicKey))
    const multiaddrs = (addresses[rank] ?? []).map((address) =>
      requireAddress(`group: member ${rank}`, address, peerId)
    )
    return { rank, peerId, multiaddrs }
  })
}

/** @throws {InvalidParametersError} which names where the address came from, if it is none, or another peer's */
export function requireAddress(source: string, text: string, peerId: PeerId): Multiaddr {
  const own = peerId.toString()
  const foreign = peerIdsIn(text).find((id) => id !== own)
  if (foreign !== undefined)
    throw new InvalidParametersError(`${source}: ${text} has the peer id of another peer than ${own}`)
  try {
    return multiaddr(text)
  } catch (error) {
    throw new InvalidParametersError(`${source}: ${text}: ${(error as Error).message}`)
  }
}

/** Everybody whom the group lets in: members and clients. */
export function peersOf(group: GroupFile): PeerId[] {
  return [...membersOf(group).map(({ peerId }) => peerId), ...clientsOf(group)]
}
