/** A whole group made in one place: for tests and demonstrations, since its maker holds everybody's keys. */
import { isIPv4, isIPv6 } from 'node:net'
import { join } from 'node:path'
import { byzantineResilience } from '../../core/quorum.ts'
import { newGenesis } from '../../crypto/founding.ts'
import { groupId } from '../../crypto/genesis.ts'
import { formatGroupFile, type GroupFile } from '../../crypto/group-file.ts'
import { UsageError } from '../errors.ts'
import { type NewFile, PUBLIC_MODE } from '../files/new-files.ts'
import { createIdentity, keyFile, requireMultiaddr } from './identity.ts'

export interface TestGroupOptions {
  readonly members: number
  readonly clients: number
  /** Where all members listen: an IP address or a DNS name. */
  readonly host: string
  /** The port of the first; the others follow it. */
  readonly port: number
  readonly out: string
  /** Whether the files are to be published. */
  readonly demo?: boolean
}

export interface TestGroup {
  readonly files: readonly NewFile[]
  readonly groupId: Uint8Array
  readonly f: number
}

const TEST_COMMENT = 'byzkit test group: all private keys were made in one place'
const DEMO_COMMENT =
  'byzkit demo group: INSECURE, its private keys are published; for demonstrations on loopback only'

/** group.json, and a private key for each member and client; nothing is written yet. */
export function createTestGroup({
  members,
  clients,
  host,
  port,
  out,
  demo = false
}: TestGroupOptions): TestGroup {
  if (port + members - 1 > 65_535)
    throw new UsageError(`--port ${port} leaves no ports for ${members} members`)
  const memberIdentities = Array.from({ length: members }, createIdentity)
  const clientIdentities = Array.from({ length: clients }, createIdentity)
  const f = byzantineResilience(members)
  const group: GroupFile = {
    comment: demo ? DEMO_COMMENT : TEST_COMMENT,
    genesis: newGenesis(
      f,
      memberIdentities.map(({ publicKey }) => publicKey)
    ),
    addresses: memberIdentities.map((_, rank) => [addressOf(host, port + rank)]),
    clients: clientIdentities.map(({ publicKey }) => publicKey)
  }
  return {
    files: [
      { path: join(out, 'group.json'), text: formatGroupFile(group), mode: PUBLIC_MODE },
      ...memberIdentities.map((identity, rank) =>
        keyFile(join(out, `member-${rank}.pem`), identity, { demo })
      ),
      ...clientIdentities.map((identity, i) => keyFile(join(out, `client-${i}.pem`), identity, { demo }))
    ],
    groupId: groupId(group.genesis),
    f
  }
}

function addressOf(host: string, port: number): string {
  const protocol = isIPv4(host) ? 'ip4' : isIPv6(host) ? 'ip6' : 'dns'
  const isName = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(host)
  if (protocol === 'dns' && !isName)
    throw new UsageError(`--host ${host} is neither an IP address nor a name`)
  return requireMultiaddr('--host', `/${protocol}/${host}/tcp/${port}`)
}
