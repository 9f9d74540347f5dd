/** `byzkit group`: founds a group from what its members made public. */
import type { Command } from 'commander'
import { toHex } from '../../core/bytes.ts'
import { byzantineResilience } from '../../core/quorum.ts'
import { newGenesis } from '../../crypto/founding.ts'
import { GROUP_MEMBERS_MAX, groupId } from '../../crypto/genesis.ts'
import { formatGroupFile, GROUP_CLIENTS_MAX } from '../../crypto/group-file.ts'
import { type MemberFile, parseMemberFile } from '../../crypto/member-file.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus, UsageError } from '../../program/errors.ts'
import { PUBLIC_MODE, writeNewFiles } from '../../program/files/new-files.ts'
import { readTextFile } from '../../program/files/read-file.ts'
import { requireMultiaddr } from '../../program/keys/identity.ts'
import { printable } from '../../program/output.ts'

interface Options {
  readonly out: string
  readonly faults?: number
  readonly beyondResilience?: boolean
}

export function registerGroup(program: Command, run: Run): void {
  program
    .command('group')
    .description('found a group: assemble group.json from the public files of its members and clients')
    .argument('<member.json...>', 'files made by keygen --one; members get their ranks in this order')
    .requiredOption('--out <file>', 'the founding file, which every member gets; it is not overwritten')
    .option(
      '--faults <f>',
      'faulty members to tolerate (default: as many as n > 3f allows)',
      integer(0, GROUP_MEMBERS_MAX)
    )
    .option('--beyond-resilience', 'accept any f < n: for stacks of the crash model, or to see what breaks')
    .action(action<Options>(run, found))
}

async function found({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const files = await readMembers(operands)
  const members = files.filter(({ client }) => !client)
  const clients = files.filter(({ client }) => client)
  if (members.length === 0) throw new UsageError('a group needs members: all files given are of clients')
  if (clients.length > GROUP_CLIENTS_MAX) {
    throw new UsageError(`a group file names at most ${GROUP_CLIENTS_MAX} clients, not ${clients.length}`)
  }
  const f = chooseFaults(members.length, options)
  const genesis = newGenesis(
    f,
    members.map(({ publicKey }) => publicKey)
  )
  const text = formatGroupFile({
    genesis,
    addresses: members.map(({ addresses }) => addresses),
    clients: clients.map(({ publicKey }) => publicKey)
  })
  await writeNewFiles([{ path: options.out, text, mode: PUBLIC_MODE }])
  const id = toHex(groupId(genesis))
  output.result(
    { out: options.out, groupId: id, members: members.length, f, clients: clients.length },
    `${printable(options.out)}: group ${output.colors.bold(id)}, f = ${f} of ${members.length}`
  )
  return EXIT_OK
}

function chooseFaults(n: number, { faults, beyondResilience = false }: Options): number {
  const tolerated = byzantineResilience(n)
  if (faults === undefined) return tolerated
  if (faults >= n) throw new UsageError(`--faults ${faults}: of ${n} members none would be correct`)
  if (faults > tolerated && !beyondResilience) {
    throw new UsageError(
      `--faults ${faults}: ${n} members tolerate at most ${tolerated} (n > 3f), unless --beyond-resilience is given`
    )
  }
  return faults
}

/** The files, each of which must be of somebody else. */
async function readMembers(paths: readonly string[]): Promise<MemberFile[]> {
  /** By public key, and by address. */
  const pathOf = new Map<string, string>()
  const members: MemberFile[] = []
  for (const path of paths) {
    const member = parseMemberFile(path, (await readTextFile(path)).text)
    const earlier = pathOf.get(toHex(member.publicKey))
    if (earlier !== undefined) throw new UsageError(`${path}: the same public key as in ${earlier}`)
    pathOf.set(toHex(member.publicKey), path)
    for (const address of member.addresses) {
      requireMultiaddr(path, address)
      const other = pathOf.get(address)
      if (other !== undefined) throw new UsageError(`${path}: ${address} is an address in ${other}, too`)
      pathOf.set(address, path)
    }
    members.push(member)
  }
  return members
}
