/**
 * Which member of which group is to run: read from its group file and its key file, and refused before anything starts.
 */

import { findStack, stacks } from '../../catalogue/index.ts'
import { sameBytes } from '../../core/bytes.ts'
import type { Group, ProcessId } from '../../core/group.ts'
import { groupFromGenesis } from '../../crypto/genesis.ts'
import { type GroupFile, parseGroupFile } from '../../crypto/group-file.ts'
import { defaultBackend } from '../../crypto/index.ts'
import type { Stack } from '../../stacks/stack.ts'
import { UsageError } from '../errors.ts'
import { readTextFile } from '../files/read-file.ts'
import { requireMultiaddr } from '../keys/identity.ts'
import { readKeyFile } from '../keys/key-file.ts'
import { printable } from '../output.ts'
import { isLoopback } from './addresses.ts'

export interface MemberFiles {
  readonly group: string
  readonly key: string
  readonly passphrase?: string | undefined
}

export interface MemberIdentity {
  readonly groupFile: GroupFile
  readonly group: Group
  readonly self: ProcessId
  /** The private key: 32 bytes from which the key pair follows. */
  readonly seed: Uint8Array
  /** What this member listens on. */
  readonly addresses: readonly string[]
}

/** @throws {UsageError} and other errors of wrong usage, each in one line */
export async function readMemberIdentity(files: MemberFiles): Promise<MemberIdentity> {
  const { groupFile, seed } = await readGroupAndKey(files)
  const group = groupFromGenesis(groupFile.genesis)
  const self = rankOf(files, groupFile, defaultBackend.publicKey(seed))
  return { groupFile, group, self, seed, addresses: groupFile.addresses[self] ?? [] }
}

/** @throws {UsageError} and other errors of wrong usage, each in one line */
export async function readGroupAndKey(
  files: MemberFiles
): Promise<Pick<MemberIdentity, 'groupFile' | 'seed'>> {
  // Whether n and f go together is the stack's to say, in its own words.
  const groupFile = parseGroupFile(files.group, (await readTextFile(files.group)).text, {
    anyResilience: true
  })
  // A group file may have been written by hand; whether libp2p understands an address is not the parser's to know.
  for (const [rank, addresses] of groupFile.addresses.entries())
    for (const address of addresses) requireMultiaddr(`${files.group}: member ${rank}`, address)
  const { seed, demo } = await readKeyFile(files.key, files.passphrase)
  if (demo) refuseRemote(files.key, groupFile)
  return { groupFile, seed }
}

/** @throws {UsageError} if there is no such stack */
export function requireStackOption(name: string): Stack {
  const stack = findStack(name)
  if (stack !== undefined) return stack
  throw new UsageError(`--stack ${printable(name)}: one of ${stacks.map((each) => each.name).join(', ')}`)
}

function rankOf(files: MemberFiles, { genesis, clients }: GroupFile, publicKey: Uint8Array): ProcessId {
  const is = (other: Uint8Array) => sameBytes(other, publicKey)
  const rank = genesis.publicKeys.findIndex(is)
  if (rank >= 0) return rank
  const whose = clients.some(is) ? 'a client of the group, not a member' : 'no member of the group'
  throw new UsageError(`key file ${files.key} is the key of ${whose} in ${files.group}`)
}

/** Everybody has the demo keys: a group that uses them must not be reachable from elsewhere. */
function refuseRemote(key: string, { addresses }: GroupFile): void {
  const remote = addresses.flat().find((address) => !isLoopback(address))
  if (remote === undefined) return
  throw new UsageError(
    `key file ${key} is a published demo key: it may be used on loopback only, not with ${printable(remote)}`
  )
}
