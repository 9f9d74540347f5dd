/** `byzkit status`: what the member that runs on a data folder says of itself. */
import type { Command } from 'commander'
import type { AgreementStatus } from '../../consensus/pbft/status.ts'
import { nameOf } from '../../core/group.ts'
import type { UnreachableMember } from '../../libp2p/absences.ts'
import type { Encryption } from '../../libp2p/encryption.ts'
import type { CutOffPeer, ServiceStatus } from '../../libp2p/service.ts'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus, OperationError } from '../../program/errors.ts'
import { unreachableText } from '../../program/member/unreachable-text.ts'
import type { Colors } from '../../program/output.ts'
import { replicaService } from '../../replication/service.ts'
import { askMember } from '../control/client.ts'

interface Options {
  readonly data: string
}

export function registerStatus(program: Command, run: Run): void {
  program
    .command('status')
    .description('ask the member that runs on a data folder how it is')
    .requiredOption('--data <dir>', 'the data folder of a running member')
    .action(action<Options>(run, status))
}

async function status({ options, output }: Invocation<Options>): Promise<ExitStatus> {
  const answer = await askMember(options.data, { do: 'status' })
  if (!isStatus(answer)) throw new OperationError('the member answered something else than its status')
  output.result(answer, describe(answer, output.colors))
  return EXIT_OK
}

/** Of another version of byzkit it may be another one. */
function isStatus(answer: object): answer is ServiceStatus {
  return ['self', 'members', 'stack', 'connected', 'cutOff', 'delivered', 'counts'].every(
    (name) => name in answer
  )
}

function describe(status: ServiceStatus, { bold, dim, green, yellow }: Colors): string {
  const { self, members, faulty, stack, group, incarnation, durability, ready, state } = status
  const row = (name: string, value: string) => `  ${name.padEnd(16)}${value}`
  const list = (ranks: readonly (number | string)[]) => (ranks.length === 0 ? 'none' : ranks.join(', '))
  const cutOffUntil = ({ process, until }: CutOffPeer) =>
    `${nameOf({ n: members }, process)} until ${new Date(until).toISOString()}`
  const replica = status.services?.[replicaService.name] as AgreementStatus | undefined
  const delivered = status.delivered.map((count, sender) => `${count} of member ${sender}`)
  return [
    `${bold(`member ${self}`)} of ${members}, f = ${faulty}: ${stack}  ${dim(`group ${group.slice(0, 16)}..`)}`,
    row(
      'state',
      ready ? green('ready, connected to a quorum') : yellow(`${state}, not connected to a quorum`)
    ),
    row('connected to', list(status.connected)),
    ...unreachableLines(status.unreachable ?? [], row),
    row('lagging', list(status.lagging)),
    row('cut off', list(status.cutOff.map(cutOffUntil))),
    ...(replica === undefined
      ? [
          row('delivered', delivered.join(', ')),
          row('waiting', `${status.waiting} broadcasts, ${status.unacknowledged} deliveries`)
        ]
      : agreementRows(replica).map(([name, value]) => row(name, value))),
    row('faults seen', String(status.faults)),
    row('life', `${incarnation}, on ${durability}`),
    row('encrypted by', list((status.encryption ?? []).map(encryptionText))),
    row('traffic', `${status.counts.framesIn} frames in, ${status.counts.framesOut} out`)
  ].join('\n')
}

/** Where a replicated machine is: of a group that stands still it tells why. */
function agreementRows(status: AgreementStatus): readonly (readonly [name: string, value: string])[] {
  const { view, primary, target, executed, stable, missing, waiting } = status
  const changing = target > view ? `, wants to enter ${target}` : ''
  const members = missing.map((member) => `member ${member}`)
  return [
    ['view', `${view}, whose primary is member ${primary}${changing}`],
    ['executed', `batch ${executed}; stable up to ${stable}`],
    ['waiting', waiting === 1 ? '1 request' : `${waiting} requests`],
    ['votes missing', members.length === 0 ? 'none' : `of ${members.join(', ')}`]
  ]
}

function encryptionText({ protocol, backend }: Encryption): string {
  return backend === null ? protocol : `${protocol} (${backend})`
}

/** A line for each member, and one for each of its addresses. */
function unreachableLines(
  unreachable: readonly UnreachableMember[],
  row: (name: string, value: string) => string
): string[] {
  return unreachable.flatMap((each, i) => {
    const [first = '', ...addresses] = unreachableText(each)
    return [row(i === 0 ? 'not connected' : '', first), ...addresses.map((line) => row('', `  ${line}`))]
  })
}
