/**
 * `member.json`: what one process makes public about itself. Whoever founds a group collects these; nobody needs
 * to know another's private key.
 */
import { toHex } from '../core/bytes.ts'
import { Field } from './json-field.ts'
import { ADDRESS_MAX_CHARACTERS, isMultiaddrText, peerIdsIn } from './multiaddr-text.ts'
import { peerIdOf } from './peer-id.ts'

const MEMBER_FILE_VERSION = 1

/** The most addresses of one member. */
export const MEMBER_ADDRESSES_MAX = 16

export interface MemberFile {
  readonly publicKey: Uint8Array
  /** Multiaddrs that the member listens on; a client has none. */
  readonly addresses: readonly string[]
  /** A client sends requests to the group and is not one of it. */
  readonly client: boolean
}

/**
 * @param file - how errors name it
 * @throws {GroupFileError}
 */
export function parseMemberFile(file: string, text: string): MemberFile {
  const field = Field.parse(file, text).object(['version', 'publicKey'], ['peerId', 'addresses', 'client'])
  field('version').integer(MEMBER_FILE_VERSION, MEMBER_FILE_VERSION)
  const client = !field('client').isAbsent() && field('client').boolean()
  const publicKey = field('publicKey').publicKey()
  checkPeerId(field('peerId'), publicKey)
  if (client && !field('addresses').isAbsent()) field('addresses').fail('a client listens nowhere')
  if (client) return { publicKey, client, addresses: [] }
  const addresses = readAddresses(field('addresses'))
  refuseForeignIds(field('addresses'), publicKey, 'this member', () => 'another peer')
  return { publicKey, client, addresses }
}

export function formatMemberFile({ publicKey, addresses, client }: MemberFile): string {
  const identity = { publicKey: toHex(publicKey), peerId: peerIdOf(publicKey) }
  const rest = client ? { client } : { addresses }
  return formatJson({ version: MEMBER_FILE_VERSION, ...identity, ...rest })
}

/** At least one address, none twice. */
export function readAddresses(field: Field): string[] {
  const addresses = new Set<string>()
  for (const each of field.list(MEMBER_ADDRESSES_MAX)) {
    const expected = `a multiaddr such as /ip4/127.0.0.1/tcp/9100, of at most ${ADDRESS_MAX_CHARACTERS} characters`
    const address = each.text(expected, isMultiaddrText)
    if (addresses.has(address)) each.fail('the same address twice')
    addresses.add(address)
  }
  if (addresses.size === 0) field.fail('expected at least one address')
  return [...addresses]
}

/**
 * An address may end with the peer id of whoever is there. With another's, the member would never be reached by it.
 *
 * @param member - how errors name the member whose addresses they are
 * @param nameOf - how they name the owner of a peer id
 */
export function refuseForeignIds(
  addresses: Field,
  publicKey: Uint8Array,
  member: string,
  nameOf: (peerId: string) => string
): void {
  const own = peerIdOf(publicKey)
  for (const each of addresses.list(MEMBER_ADDRESSES_MAX)) {
    const address = each.text('a multiaddr', isMultiaddrText)
    const foreign = peerIdsIn(address).find((id) => id !== own)
    if (foreign === undefined) continue
    each.fail(
      `${address} has the peer id of ${nameOf(foreign)}; that of ${member} is ${own}, and may be left out`
    )
  }
}

/** A peer id follows from the key and may be left out; one that contradicts it is a mistake. */
export function checkPeerId(field: Field, publicKey: Uint8Array): void {
  if (field.isAbsent()) return
  const peerId = peerIdOf(publicKey)
  field.text(`${peerId}, which the public key makes it`, (value) => value === peerId)
}

/** Indented, for people; a list of one text stays on its line. */
export function formatJson(value: object): string {
  const text = JSON.stringify(value, null, 2)
  return `${text.replaceAll(/\[\n\s+("(?:[^"\\]|\\.)*")\n\s+\]/g, '[$1]')}\n`
}
