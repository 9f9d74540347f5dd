/**
 * The genesis: what a group is founded on, for ever. Its hash is the group id, which every signature and MAC
 * covers. Addresses and clients are outside it, so that a moved port does not void every signature.
 */
import { toHex } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { createGroup, type Group } from '../core/group.ts'
import { encode, fixedBytes, list, record, text, uint, type ValueOf } from '../core/shapes.ts'
import { isAcceptablePublicKey, PUBLIC_KEY_BYTES } from './ed25519-rules.ts'
import { nobleBackend } from './noble-backend.ts'

export const GENESIS_VERSION = 1

/** The largest group, in members. */
export const GROUP_MEMBERS_MAX = 256

/** A group's name is this many random bytes, written in hexadecimal: no two groups share an id by accident. */
export const GROUP_NAME_BYTES = 16

/** The genesis on the wire: two processes that meet compare theirs before anything else. */
export const genesisShape = record({
  version: uint(),
  name: text(2 * GROUP_NAME_BYTES),
  f: uint(),
  publicKeys: list(fixedBytes(PUBLIC_KEY_BYTES), GROUP_MEMBERS_MAX)
})

/** Version, name, f, and the members' Ed25519 public keys by rank. */
export type Genesis = ValueOf<typeof genesisShape>

const hashedShape = record({ domain: text(64), genesis: genesisShape })

/** SHA-256 of the encoded genesis behind a domain string, 32 bytes. */
export function groupId(genesis: Genesis): Uint8Array {
  // Every backend computes the same; the portable one needs no choice, and this happens once a group.
  return nobleBackend.sha256(encode(hashedShape, { domain: 'byzkit/genesis/1', genesis }))
}

/**
 * The group at its founding: epoch 0.
 *
 * @param clients - public keys of those that this process knows
 */
export function groupFromGenesis(genesis: Genesis, clients: readonly Uint8Array[] = []): Group {
  requireGenesis(genesis)
  return createGroup({ id: groupId(genesis), f: genesis.f, publicKeys: genesis.publicKeys, clients })
}

/**
 * @throws {InvalidParametersError} that says in one line what is wrong. Whether n suffices for f is not asked
 * beyond f < n: resilience belongs to the stack.
 */
export function requireGenesis({ version, name, f, publicKeys }: Genesis): void {
  const n = publicKeys.length
  if (version !== GENESIS_VERSION) wrong(`version: expected ${GENESIS_VERSION}, not ${version}`)
  if (!isGroupName(name)) wrong(`name: expected ${GROUP_NAME_BYTES} bytes in lower-case hexadecimal`)
  if (n < 1 || n > GROUP_MEMBERS_MAX) wrong(`members: expected 1 to ${GROUP_MEMBERS_MAX}, not ${n}`)
  if (!Number.isSafeInteger(f) || f < 0 || f >= n)
    wrong(`f: expected 0 to ${n - 1} of ${n} members, not ${f}`)
  const rankOf = new Map<string, number>()
  for (const [rank, publicKey] of publicKeys.entries()) {
    if (!isAcceptablePublicKey(publicKey)) wrong(`public key of member ${rank}: not a usable Ed25519 key`)
    const earlier = rankOf.get(toHex(publicKey))
    if (earlier !== undefined) wrong(`public key of member ${rank}: the same as that of member ${earlier}`)
    rankOf.set(toHex(publicKey), rank)
  }
}

export function isGroupName(name: string): boolean {
  return name.length === 2 * GROUP_NAME_BYTES && /^[0-9a-f]*$/.test(name)
}

/**
 * What differs between our genesis and another's, in words, e.g. `f: 1 here, 2 there`; empty if they are the same.
 * The other one may come from anybody and need not be a valid one.
 */
export function compareGenesis(here: Genesis, there: Genesis): readonly string[] {
  const differences: string[] = []
  const compare = (field: string, ours: number | string, theirs: number | string): void => {
    if (ours !== theirs) differences.push(`${field}: ${ours} here, ${theirs} there`)
  }
  compare('version', here.version, there.version)
  // Names from elsewhere are quoted: they are shown to people, and may hold anything.
  compare('name', JSON.stringify(here.name), JSON.stringify(there.name))
  compare('f', here.f, there.f)
  compare('members', here.publicKeys.length, there.publicKeys.length)
  for (const [rank, ours] of here.publicKeys.entries()) {
    const theirs = there.publicKeys[rank]
    if (theirs !== undefined && toHex(ours) !== toHex(theirs))
      differences.push(`public key of member ${rank}`)
  }
  return differences
}

function wrong(problem: string): never {
  throw new InvalidParametersError(`genesis: ${problem}`)
}
