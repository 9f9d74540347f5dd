/** Founding a group in a program, of the public keys of its members: the file that all of them start from. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidParametersError } from '../core/errors.ts'
import { requireKnown, shown } from '../core/parameters.ts'
import { byzantineResilience } from '../core/quorum.ts'
import { newGenesis } from '../crypto/founding.ts'
import {
  formatGroupFile,
  type GroupFile,
  type GroupFileOptions,
  parseGroupFile
} from '../crypto/group-file.ts'
import { type AnyPublicKey, requirePublicKey } from './identity.ts'

/** What is public of a member; a `member.json`, as `parseMemberFile` reads it, is one. */
export interface FoundingMember {
  readonly publicKey: AnyPublicKey
  /** Where it is dialled; at least one. */
  readonly addresses: readonly (string | Multiaddr)[]
}

export interface Founding extends GroupFileOptions {
  /** They get their ranks in this order. */
  readonly members: readonly FoundingMember[]
  /** How many of them may be faulty. Default: as many as n > 3f allows. */
  readonly f?: number
  /** Processes with a key of their own and no rank, which the members serve. */
  readonly clients?: readonly AnyPublicKey[]
  /** For people. */
  readonly comment?: string
}

/**
 * A new group, with a name that no other has: done once, by one of its members, who gives what `formatGroupFile` makes
 * of it to all.
 *
 * @throws {InvalidParametersError} {GroupFileError} in one line, for what could be no group file
 */
export function foundGroup(founding: Founding): GroupFile {
  if (typeof founding !== 'object' || founding === null)
    throw new InvalidParametersError(`foundGroup: expected an object with members, not ${shown(founding)}`)
  requireKnown('foundGroup', founding, ['members', 'f', 'clients', 'comment', 'anyResilience'])
  const { members, clients = [], comment, anyResilience = false } = founding
  for (const [name, given] of Object.entries({ members, clients }))
    if (!Array.isArray(given))
      throw new InvalidParametersError(`foundGroup: ${name}: expected a list, not ${shown(given)}`)
  const { f = byzantineResilience(Math.max(1, members.length)) } = founding
  const publicKeys = members.map((member, rank) =>
    requirePublicKey(`foundGroup: the publicKey of member ${rank}`, member?.publicKey)
  )
  const group = {
    ...(comment === undefined ? {} : { comment }),
    genesis: newGenesis(f, publicKeys),
    addresses: members.map(({ addresses }) => [addresses ?? []].flat().map(String)),
    clients: clients.map((client, at) => requirePublicKey(`foundGroup: client ${at}`, client))
  }
  // Whatever is wrong with a group is said by who reads its file.
  return parseGroupFile('foundGroup', formatGroupFile(group), { anyResilience })
}
