/** Which client of which group speaks, and whose registers it speaks of. */
import { fromHex, sameBytes, toHex } from '../../core/bytes.ts'
import type { GroupFile } from '../../crypto/group-file.ts'
import { defaultBackend } from '../../crypto/index.ts'
import { peerIdOf } from '../../crypto/peer-id.ts'
import { UsageError } from '../errors.ts'
import { type MemberFiles, readGroupAndKey } from '../member/member-identity.ts'
import { printable } from '../output.ts'

export interface ClientIdentity {
  readonly groupFile: GroupFile
  /** The private key: 32 bytes from which the key pair follows. */
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
}

/** @throws {UsageError} if the key is that of no client of the group */
export async function readClientIdentity(files: MemberFiles): Promise<ClientIdentity> {
  const { groupFile, seed } = await readGroupAndKey(files)
  const publicKey = defaultBackend.publicKey(seed)
  const is = (other: Uint8Array) => sameBytes(other, publicKey)
  if (groupFile.clients.some(is)) return { groupFile, seed, publicKey }
  const isMember = groupFile.genesis.publicKeys.some(is)
  const whose = isMember ? 'a member of the group, not a client,' : 'no client of the group'
  throw new UsageError(`key file ${files.key} is the key of ${whose} in ${files.group}`)
}

/**
 * Who is named: `client:0`, `member:2`, a peer id, or a public key in hexadecimal.
 * @throws {UsageError}
 */
export function publicKeyNamed({ genesis, clients }: GroupFile, name: string): Uint8Array {
  const [, kind, number] = /^(client|member):(\d{1,4})$/.exec(name) ?? []
  const listed = kind === 'client' ? clients : genesis.publicKeys
  const byNumber = number === undefined ? undefined : listed[Number(number)]
  const known = [...genesis.publicKeys, ...clients]
  const found = byNumber ?? known.find((key) => name === peerIdOf(key) || name === toHex(key))
  if (found !== undefined) return found
  if (/^[0-9a-f]{64}$/.test(name)) return fromHex(name)
  throw new UsageError(
    `--writer ${printable(name)}: expected client:NUMBER, member:RANK, a peer id of the group, or a public key of 64 hexadecimal digits`
  )
}

/** The name of whoever has that key: `client:0`, `member:2`, or the key in hexadecimal. */
export function nameOf({ genesis, clients }: GroupFile, publicKey: Uint8Array): string {
  const is = (other: Uint8Array) => sameBytes(other, publicKey)
  const client = clients.findIndex(is)
  if (client >= 0) return `client:${client}`
  const rank = genesis.publicKeys.findIndex(is)
  return rank >= 0 ? `member:${rank}` : toHex(publicKey)
}
