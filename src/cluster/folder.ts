/** The folder of a cluster: its group file, everybody's keys, and a data folder for each member. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Group } from '../core/group.ts'
import { newGenesis } from '../crypto/founding.ts'
import { groupFromGenesis } from '../crypto/genesis.ts'
import { formatGroupFile } from '../crypto/group-file.ts'
import { UsageError } from '../program/errors.ts'
import { PUBLIC_MODE, writeNewFiles } from '../program/files/new-files.ts'
import { fileError } from '../program/files/read-file.ts'
import { makeTemporaryFolder } from '../program/files/temporary-folder.ts'
import { createIdentity, keyFile } from '../program/keys/identity.ts'
import { findFreePorts } from '../program/member/addresses.ts'
import { makeFolders } from '../store/folder.ts'

const COMMENT = 'byzkit test group: all private keys were made in one place'

export interface ClusterFolder {
  readonly path: string
  readonly group: string
  key(rank: number): string
  data(rank: number): string
  /** Of a client. */
  clientKey(client: number): string
  clientData(client: number): string
  /** Removes what is in it. */
  clear(): Promise<void>
  /** Removes it, unless it is one that the person named. */
  tidy(): Promise<void>
}

/**
 * @param named - a folder that stays; it is made, and must be empty if it exists
 * @throws {UsageError}
 */
export async function makeClusterFolder(named: string | undefined): Promise<ClusterFolder> {
  const path = named ?? (await makeTemporaryFolder('byzkit-cluster-'))
  if (named !== undefined) await makeNamed(named)
  return {
    path,
    group: join(path, 'group.json'),
    key: (rank) => join(path, `member-${rank}.pem`),
    data: (rank) => join(path, `member-${rank}`),
    clientKey: (client) => join(path, `client-${client}.pem`),
    clientData: (client) => join(path, `client-${client}`),
    async clear() {
      for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true })
    },
    tidy: async () => {
      if (named === undefined) await rm(path, { recursive: true, force: true, maxRetries: 3 })
    }
  }
}

async function makeNamed(path: string): Promise<void> {
  try {
    await makeFolders(path, 0o700)
    if ((await readdir(path)).length === 0) return
  } catch (error) {
    throw fileError(path, 'cannot be made a folder', error)
  }
  throw new UsageError(`${path} is not empty, and nothing is overwritten`)
}

/**
 * Keys of all members and clients, and a group of them on free ports of this machine.
 * @returns the group, by which its evidence can be checked
 */
export async function foundTestGroup(
  folder: ClusterFolder,
  members: number,
  f: number,
  clients = 0
): Promise<Group> {
  const identities = Array.from({ length: members }, createIdentity)
  const clientIdentities = Array.from({ length: clients }, createIdentity)
  const ports = await findFreePorts(members)
  const genesis = newGenesis(
    f,
    identities.map(({ publicKey }) => publicKey)
  )
  const addresses = ports.map((port) => [`/ip4/127.0.0.1/tcp/${port}`])
  await writeNewFiles([
    {
      path: folder.group,
      text: formatGroupFile({
        comment: COMMENT,
        genesis,
        addresses,
        clients: clientIdentities.map(({ publicKey }) => publicKey)
      }),
      mode: PUBLIC_MODE
    },
    ...identities.map((identity, rank) => keyFile(folder.key(rank), identity)),
    ...clientIdentities.map((identity, client) => keyFile(folder.clientKey(client), identity))
  ])
  return groupFromGenesis(genesis)
}
