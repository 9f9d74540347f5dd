/** `byzkit keygen`: private keys, and what is public of them. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { toHex } from '../../core/bytes.ts'
import { GROUP_MEMBERS_MAX } from '../../crypto/genesis.ts'
import { GROUP_CLIENTS_MAX } from '../../crypto/group-file.ts'
import { formatMemberFile } from '../../crypto/member-file.ts'
import { peerIdsIn } from '../../crypto/multiaddr-text.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus, UsageError } from '../../program/errors.ts'
import { PUBLIC_MODE, writeNewFiles } from '../../program/files/new-files.ts'
import { createIdentity, keyFile, requireMultiaddr } from '../../program/keys/identity.ts'
import { PASSPHRASE_VARIABLE, readPassphrase } from '../../program/keys/passphrase.ts'
import { createTestGroup } from '../../program/keys/test-group.ts'
import { isTcp } from '../../program/member/addresses.ts'
import { printable } from '../../program/output.ts'

interface Options {
  readonly out: string
  readonly one?: boolean
  readonly address?: readonly string[]
  readonly client?: boolean
  readonly passphraseFile?: string
  readonly members?: number
  readonly clients: number
  readonly host: string
  readonly port: number
  readonly demo?: boolean
}

const OF_ONE = ['address', 'client', 'passphraseFile']
const OF_GROUP = ['clients', 'host', 'port', 'demo']

export function registerKeygen(program: Command, run: Run): void {
  const ofOne = (flags: string, text: string): Option =>
    new Option(flags, text).conflicts(['members', ...OF_GROUP])
  const ofGroup = (flags: string, text: string): Option =>
    new Option(flags, text).conflicts(['one', ...OF_ONE])
  program
    .command('keygen')
    .description('make private keys: of one member where it will run, or of a whole group for tests')
    .requiredOption('--out <dir>', 'folder for the files; nothing in it is overwritten')
    .addOption(ofOne('--one', 'one member: a private key and a public member.json'))
    .addOption(ofOne('--address <multiaddr...>', 'where the member listens, e.g. /ip4/10.0.0.1/tcp/9100'))
    .addOption(ofOne('--client', 'a client instead of a member'))
    .addOption(ofOne('--passphrase-file <file>', `protects the key; or set ${PASSPHRASE_VARIABLE}`))
    .addOption(
      ofGroup(
        '--members <n>',
        'keys of n members in one place, and group.json: for tests and demonstrations'
      ).argParser(integer(1, GROUP_MEMBERS_MAX))
    )
    .addOption(
      ofGroup('--clients <c>', 'of c clients, too').argParser(integer(0, GROUP_CLIENTS_MAX)).default(0)
    )
    .addOption(ofGroup('--host <host>', 'where all members listen').default('127.0.0.1'))
    .addOption(ofGroup('--port <port>', 'of the first member').argParser(integer(1, 65_535)).default(9100))
    .addOption(ofGroup('--demo', 'marks every file as INSECURE, to be published'))
    .action(
      action<Options>(run, (invocation) => {
        const { one, members } = invocation.options
        if (one) return keygenOne(invocation)
        if (members !== undefined) return keygenMembers(invocation, members)
        throw new UsageError('keygen needs --one or --members <n>')
      })
    )
}

async function keygenOne({ options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const { out, client = false, address = [], passphraseFile } = options
  if (client && address.length > 0) throw new UsageError('--address is for members: a client listens nowhere')
  if (!client && address.length === 0)
    throw new UsageError('--one needs --address <multiaddr...>, or --client')
  const addresses = [...new Set(address.map(requireOwnAddress))]
  const passphrase = await readPassphrase(passphraseFile, env)

  const identity = createIdentity()
  const role = client ? 'client' : 'member'
  const key = join(out, `${role}.pem`)
  const description = join(out, `${role}.json`)
  const text = formatMemberFile({ publicKey: identity.publicKey, addresses, client })
  await writeNewFiles([
    keyFile(key, identity, { passphrase }),
    { path: description, text, mode: PUBLIC_MODE }
  ])
  output.result(
    { role, key, description, publicKey: toHex(identity.publicKey), peerId: identity.peerId },
    [
      `${output.colors.bold(identity.peerId)} is the new ${role}`,
      `${printable(key)}: its private key${passphrase === undefined ? '' : ', under the passphrase'}; it stays here`,
      `${printable(description)}: for whoever founds the group (byzkit group)`
    ].join('\n')
  )
  return EXIT_OK
}

/**
 * @throws {UsageError} unless `byzkit node` can listen there, and it has no peer id: the key is made only now, so it
 * would be another's
 */
function requireOwnAddress(address: string): string {
  if (peerIdsIn(requireMultiaddr('--address', address)).length > 0)
    throw new UsageError(
      `--address: ${address} has the peer id of another peer, since the key is made only now; leave it out`
    )
  if (isTcp(address)) return address
  throw new UsageError(
    `--address: ${address} is no TCP address, and byzkit node listens on those alone: /ip4/10.0.0.1/tcp/9100, or ip6 or dns in place of ip4, and a port from 1`
  )
}

async function keygenMembers({ options, output }: Invocation<Options>, members: number): Promise<ExitStatus> {
  const { files, groupId, f } = createTestGroup({ ...options, members })
  await writeNewFiles(files)
  output.result(
    {
      out: options.out,
      groupId: toHex(groupId),
      members,
      f,
      clients: options.clients,
      files: files.map(({ path }) => path)
    },
    [
      `${printable(options.out)}: group.json and ${members + options.clients} private keys; f = ${f} of ${members}`,
      output.colors.yellow(
        'For tests and demonstrations: whoever makes all keys in one place is every member. Use keygen --one elsewhere.'
      )
    ].join('\n')
  )
  return EXIT_OK
}
