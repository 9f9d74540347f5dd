/**
 * `group.json`: the file that founds a group and that every member starts from. Its genesis (version, name, f,
 * public keys) is immutable and makes the group id; addresses and clients may be changed later.
 */
import { toHex } from '../core/bytes.ts'
import { byzantineResilience } from '../core/quorum.ts'
import { GENESIS_VERSION, type Genesis, GROUP_MEMBERS_MAX, GROUP_NAME_BYTES, isGroupName } from './genesis.ts'
import { Field } from './json-field.ts'
import {
  checkPeerId,
  formatJson,
  MEMBER_ADDRESSES_MAX,
  readAddresses,
  refuseForeignIds
} from './member-file.ts'
import { peerIdOf } from './peer-id.ts'

export { GroupFileError } from './json-field.ts'

/** The most clients that a group file names. */
export const GROUP_CLIENTS_MAX = 1024

/** The longest comment, in characters. */
const COMMENT_MAX_CHARACTERS = 1000

/** Wherever the system lets it listen: not the same place for two. */
const ANY_PORT = /\/(?:tcp|udp)\/0(?:\/|$)/

export interface GroupFile {
  /** For people; it means nothing. */
  readonly comment?: string
  readonly genesis: Genesis
  /** What the members listen on, as multiaddrs, by rank. */
  readonly addresses: readonly (readonly string[])[]
  /** Public keys of the clients that the members serve. */
  readonly clients: readonly Uint8Array[]
}

export interface GroupFileOptions {
  /**
   * Whether the file may name an f with n <= 3f: for stacks of the crash model, or beyond resilience by name. The
   * stack then has the last word.
   */
  readonly anyResilience?: boolean
}

/**
 * @param file - how errors name it
 * @throws {GroupFileError}
 */
export function parseGroupFile(file: string, text: string, options: GroupFileOptions = {}): GroupFile {
  const field = Field.parse(file, text).object(['version', 'name', 'f', 'members'], ['comment', 'clients'])
  const version = field('version').integer(GENESIS_VERSION, GENESIS_VERSION)
  const name = field('name').text(`${GROUP_NAME_BYTES} bytes in lower-case hexadecimal`, isGroupName)
  const members = field('members').list(GROUP_MEMBERS_MAX).map(readMember)
  const f = readFaults(field('f'), members.length, options)
  const clients = field('clients').isAbsent() ? [] : field('clients').list(GROUP_CLIENTS_MAX).map(readClient)
  refuseDuplicates([...members, ...clients])
  refuseMisleading(members, namesOf(members, clients))
  const group: GroupFile = {
    genesis: { version, name, f, publicKeys: members.map(({ publicKey }) => publicKey) },
    addresses: members.map(({ addresses }) => addresses),
    clients: clients.map(({ publicKey }) => publicKey)
  }
  if (field('comment').isAbsent()) return group
  const expected = `text of at most ${COMMENT_MAX_CHARACTERS} characters`
  return {
    comment: field('comment').text(expected, (value) => value.length <= COMMENT_MAX_CHARACTERS),
    ...group
  }
}

export function formatGroupFile({ comment, genesis, addresses, clients }: GroupFile): string {
  const { version, name, f, publicKeys } = genesis
  const identity = (publicKey: Uint8Array) => ({ publicKey: toHex(publicKey), peerId: peerIdOf(publicKey) })
  return formatJson({
    ...(comment === undefined ? {} : { comment }),
    version,
    name,
    f,
    members: publicKeys.map((key, rank) => ({ rank, ...identity(key), addresses: addresses[rank] })),
    ...(clients.length === 0 ? {} : { clients: clients.map(identity) })
  })
}

function readFaults(field: Field, n: number, { anyResilience = false }: GroupFileOptions): number {
  const f = field.integer(0, GROUP_MEMBERS_MAX)
  if (f >= n) field.fail(`${f} faulty of ${n} members leaves none correct`)
  const tolerated = byzantineResilience(n)
  if (!anyResilience && f > tolerated)
    field.fail(`${n} members tolerate at most ${tolerated} faulty ones (n > 3f), not ${f}`)
  return f
}

interface Identity {
  readonly field: Field
  readonly publicKey: Uint8Array
}

interface Member extends Identity {
  readonly addressesField: Field
  readonly addresses: readonly string[]
}

function readMember(entry: Field, index: number): Member {
  const field = entry.object(['rank', 'publicKey', 'addresses'], ['peerId'])
  // The rank is written although it follows from the order: a person who sorts the list would found another group.
  field('rank').integer(index, index)
  const addressesField = field('addresses')
  return { ...readIdentity(field), addressesField, addresses: readAddresses(addressesField) }
}

function readClient(entry: Field): Identity {
  return readIdentity(entry.object(['publicKey'], ['peerId']))
}

function readIdentity(field: (name: string) => Field): Identity {
  const publicKey = field('publicKey').publicKey()
  checkPeerId(field('peerId'), publicKey)
  return { field: field('publicKey'), publicKey }
}

/** Refuses addresses that lead to somebody else than the member whose they are: it would be unreachable there. */
function refuseMisleading(members: readonly Member[], names: ReadonlyMap<string, string>): void {
  const owners = new Map<string, number>()
  for (const [rank, { publicKey, addressesField, addresses }] of members.entries()) {
    refuseForeignIds(
      addressesField,
      publicKey,
      `member ${rank}`,
      (id) => names.get(id) ?? 'nobody in the group'
    )
    for (const [i, address] of addresses.entries()) {
      const owner = owners.get(address)
      if (owner !== undefined && !ANY_PORT.test(address))
        addressesField.list(MEMBER_ADDRESSES_MAX)[i]?.fail(`${address} is an address of member ${owner}, too`)
      owners.set(address, rank)
    }
  }
}

/** By peer id. */
function namesOf(members: readonly Identity[], clients: readonly Identity[]): ReadonlyMap<string, string> {
  const named = (kind: string, identities: readonly Identity[]) =>
    identities.map(({ publicKey }, i) => [peerIdOf(publicKey), `${kind} ${i}`] as const)
  return new Map([...named('member', members), ...named('client', clients)])
}

function refuseDuplicates(identities: readonly Identity[]): void {
  const seen = new Set<string>()
  for (const { field, publicKey } of identities) {
    const hex = toHex(publicKey)
    if (seen.has(hex)) field.fail('the same public key as an earlier member or client')
    seen.add(hex)
  }
}
