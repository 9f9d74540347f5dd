/**
 * The cost of agreement: the members of a group that replicates a key-value machine and four clients of it, processes
 * on loopback, in memory and on disk. Beside it stands the price of the messages that PBFT must send for the same
 * commands in as many batches, each at the cost of a bare libp2p stream for its size.
 */
import { pbftMessages } from '../consensus/pbft/messages.ts'
import { byzantineQuorum, byzantineResilience } from '../core/quorum.ts'
import { replicaMessages } from '../replication/messages.ts'
import { type Commands, ConsensusGroup, type ConsensusGroupPlan } from './consensus-group.ts'
import { type BenchResult, type Figure, figure, machine, percentile, ratios } from './figures.ts'
import { type Floor, type RequestFloor, runFloor, runRequests } from './floors.ts'

export interface ConsensusPlan {
  readonly rounds: number
  /** Commands in each round with some in flight; on disk a share of them. */
  readonly commands: number
  /** Lone commands in each round. */
  readonly lone: number
  readonly commandBytes: number
  /** Of all clients together. */
  readonly inFlight: number
  readonly onProgress: (what: string) => void
}

const MEMBERS = 4
const CLIENTS = 4
const F = byzantineResilience(MEMBERS)
/** On disk a command waits for several batches one after the other: fewer of them take as long. */
const DISK_SHARE = 0.5
const WARM_UP_ROUNDS = 2
/** Messages of a floor in one round. */
const FLOOR_COMMANDS = 40_000
const FLOOR_VOTES = 200_000
const PER_SEND = 64

interface Price {
  readonly command: Floor
  readonly reply: Floor
  readonly vote: Floor
}

interface GroupRound {
  readonly together: Commands
  readonly alone: Commands
  readonly digest: string
}

interface ConsensusRound {
  readonly price: Price
  readonly request: RequestFloor
  readonly memory: GroupRound
  readonly disk: GroupRound
}

export async function benchConsensus(plan: ConsensusPlan): Promise<BenchResult> {
  const { commands, lone, commandBytes, inFlight } = plan
  const sizes = consensusSizes(commandBytes)
  const base: Omit<ConsensusGroupPlan, 'durability'> = { members: MEMBERS, clients: CLIENTS, commandBytes }
  const memory = await ConsensusGroup.start({ ...base, durability: 'memory' })
  const disk = await ConsensusGroup.start({ ...base, durability: 'disk' }).catch(async (error: unknown) => {
    await memory.end()
    throw error
  })
  const rounds: ConsensusRound[] = []
  try {
    plan.onProgress('consensus: warming up')
    for (let i = 0; i < WARM_UP_ROUNDS; i++) {
      await consensusRound(memory, plan, 1)
      await consensusRound(disk, plan, DISK_SHARE)
    }
    for (let i = 0; i < plan.rounds; i++) {
      plan.onProgress(`consensus: round ${i + 1} of ${plan.rounds}`)
      rounds.push({
        price: await runFloors(sizes),
        request: await runRequests({
          requestBytes: sizes.request,
          answerBytes: sizes.reply,
          receivers: MEMBERS,
          quorum: byzantineQuorum(MEMBERS, F),
          count: 2 * lone
        }),
        memory: await consensusRound(memory, plan, 1),
        disk: await consensusRound(disk, plan, DISK_SHARE)
      })
    }
  } finally {
    await Promise.all([memory.end(), disk.end()])
  }
  return {
    benchmark: 'consensus',
    parameters: {
      stack: 'pbft',
      members: MEMBERS,
      clients: CLIENTS,
      commands,
      lone,
      commandBytes,
      inFlight,
      requestBytes: sizes.request,
      replyBytes: sizes.reply,
      voteBytes: sizes.vote
    },
    rounds: plan.rounds,
    machine: machine(),
    digests: rounds.flatMap((round) => [round.memory.digest, round.disk.digest]),
    figures: consensusFigures(rounds, inFlight)
  }
}

/** @param share - of the commands */
export async function consensusRound(
  group: ConsensusGroup,
  { commands, lone, inFlight }: Pick<ConsensusPlan, 'commands' | 'lone' | 'inFlight'>,
  share: number
): Promise<GroupRound> {
  const each = (all: number) => Math.ceil((all * share) / CLIENTS)
  const together = await group.run(CLIENTS, each(commands), Math.ceil(inFlight / CLIENTS))
  const alone = await group.run(1, Math.ceil(lone * share), 1)
  return { together, alone, digest: await group.digest() }
}

/** How many bytes the messages have on a link, with their ports; of a command that shares its envelope, its part. */
export function consensusSizes(commandBytes: number) {
  const PORT_BYTES = 1
  /** Of an envelope, beside its commands: a key, a session, numbers and a signature. */
  const ENVELOPE_BYTES = 120
  const digest = new Uint8Array(32)
  // Numbers as they are in the middle of a run.
  const number = 10_000
  const envelope = new Uint8Array(commandBytes + ENVELOPE_BYTES)
  const reply = { envelopeHash: null, sessionId: number, number, view: 0, groupEpoch: 0, outcome: 0, digest }
  const request = PORT_BYTES + replicaMessages.encode({ type: 'REQUEST', envelope }).length
  return {
    request,
    command: request - ENVELOPE_BYTES,
    reply: PORT_BYTES + replicaMessages.encode({ type: 'REPLY', ...reply, result: new Uint8Array(8) }).length,
    vote: PORT_BYTES + pbftMessages.encode({ type: 'COMMIT', view: 0, sequence: number, digest }).length
  }
}

async function runFloors(sizes: ReturnType<typeof consensusSizes>): Promise<Price> {
  const floor = (messageBytes: number, messages: number) =>
    runFloor('libp2p', { messageBytes, perSend: PER_SEND, messages })
  return {
    command: await floor(sizes.command, FLOOR_COMMANDS),
    reply: await floor(sizes.reply, FLOOR_VOTES),
    vote: await floor(sizes.vote, FLOOR_VOTES)
  }
}

/** A REQUEST to the primary, and its part of a PRE-PREPARE to each of the others; a REPLY of each member. */
const COPIES = 1 + (MEMBERS - 1)
/** Of each batch: a PREPARE of all but the primary and a COMMIT of all, to every other one. */
const VOTES = (MEMBERS - 1) ** 2 + MEMBERS * (MEMBERS - 1)

/** CPU of the messages of one command, were they nothing but messages. */
function priceOf({ command, reply, vote }: Price, { batches }: Commands): number {
  return (
    COPIES * command.cpuMicrosecondsPerMessage +
    MEMBERS * reply.cpuMicrosecondsPerMessage +
    batches * VOTES * vote.cpuMicrosecondsPerMessage
  )
}

type Of = (pick: (round: ConsensusRound) => number) => number[]

function consensusFigures(rounds: readonly ConsensusRound[], inFlight: number): Figure[] {
  const of: Of = (pick) => rounds.map(pick)
  return (['memory', 'disk'] as const).flatMap((mode) => [
    ...loadFigures(mode, of, inFlight),
    ...loneFigures(mode, of)
  ])
}

const lower = { better: 'lower' } as const
const labelOf = (mode: 'memory' | 'disk') => (mode === 'disk' ? 'durable' : mode)

function loadFigures(mode: 'memory' | 'disk', of: Of, inFlight: number): Figure[] {
  const label = labelOf(mode)
  const values = (pick: (commands: Commands) => number) => of((round) => pick(round[mode].together))
  const cpu = values(({ cpuMicroseconds }) => cpuMicroseconds)
  const price = of((round) => priceOf(round.price, round[mode].together))
  const at = (fraction: number) => values(({ latenciesMs }) => percentile(latenciesMs, fraction))
  return [
    figure(`${label}: CPU a command, all processes`, 'us', cpu, lower),
    figure(
      `${label}: CPU a command, all members`,
      'us',
      values(({ memberCpuMicroseconds }) => memberCpuMicroseconds),
      lower
    ),
    figure(`${label}: floor, bare libp2p streams: CPU of its messages`, 'us', price),
    figure(`${label}: CPU, against the floor`, 'x', ratios(cpu, price), lower),
    figure(
      `${label}: commands a second`,
      '1/s',
      values(({ perSecond }) => perSecond),
      { better: 'higher' }
    ),
    figure(`${label}: command, ${inFlight} in flight, p50`, 'ms', at(MEDIAN), lower),
    figure(`${label}: command, ${inFlight} in flight, p99`, 'ms', at(TAIL), lower),
    figure(
      `${label}: commands in a batch`,
      '',
      values(({ batches }) => 1 / batches)
    ),
    figure(
      `${label}: messages a command`,
      '',
      values(({ messages }) => messages),
      lower
    ),
    figure(
      `${label}: frames a command`,
      '',
      values(({ frames }) => frames),
      lower
    ),
    figure(
      `${label}: bytes on the wire a command`,
      'B',
      values(({ bytes }) => bytes),
      lower
    ),
    figure(
      `${label}: batches made durable a command`,
      '',
      values(({ commits }) => commits),
      lower
    ),
    figure(
      `${label}: views that ended`,
      '',
      of((round) => round[mode].together.views + round[mode].alone.views),
      lower
    )
  ]
}

const MEDIAN = 0.5
const TAIL = 0.99

function loneFigures(mode: 'memory' | 'disk', of: Of): Figure[] {
  const label = labelOf(mode)
  const at = (fraction: number) => of((round) => percentile(round[mode].alone.latenciesMs, fraction))
  const floor = of(({ request }) => percentile(request.timesMs, MEDIAN))
  return [
    figure(`${label}: lone command, p50`, 'ms', at(MEDIAN), lower),
    figure(`${label}: lone command, p99`, 'ms', at(TAIL), lower),
    figure(
      `${label}: lone command: CPU, all processes`,
      'us',
      of((round) => round[mode].alone.cpuMicroseconds),
      lower
    ),
    figure(`${label}: floor, bare requests to ${MEMBERS}, a quorum's answers: p50`, 'ms', floor),
    figure(
      `${label}: floor, bare requests to ${MEMBERS}: CPU, all processes`,
      'us',
      of(({ request }) => request.cpuMicroseconds)
    ),
    figure(`${label}: lone command, against the bare requests`, 'x', ratios(at(MEDIAN), floor), lower)
  ]
}
