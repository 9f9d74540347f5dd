/** Double echo at n = 4, in memory and on disk, beside the price of the messages that it must send. */
import { BroadcastGroup, type BroadcastRound, doubleEchoSizes, type GroupPlan } from './broadcasts.ts'
import { type BenchResult, type Figure, figure, machine, ratios, spread } from './figures.ts'
import type { FloorKind } from './floor-wire.ts'
import { type Floor, type FloorOptions, runFloor } from './floors.ts'

export interface DoubleEchoPlan {
  readonly rounds: number
  /** In each round. */
  readonly broadcasts: number
  readonly payloadBytes: number
  readonly inFlight: number
  readonly onProgress: (what: string) => void
}

const MEMBERS = 4
/** On disk a broadcast waits for three batches one after the other: fewer of them take as long. */
const DISK_SHARE = 0.5
const LONE_BROADCASTS = 300
const WARM_UP_ROUNDS = 3
/** Messages of a floor in one round. */
const FLOOR_SENDS = 40_000
const FLOOR_VOTES = 200_000
const PER_SEND = 64

/** At most so many times the CPU of the messages that must be sent. */
const DOUBLE_ECHO_PRICE_RATIO_MAX = 2.5

interface Price {
  readonly send: Floor
  readonly vote: Floor
}

interface Round {
  readonly bare: Price
  readonly net: Price
  readonly memory: BroadcastRound & { readonly loneMs: number }
  readonly disk: BroadcastRound & { readonly loneMs: number }
}

/** n - 1 SENDs, and from each member to every other one ECHO and one READY. */
const SENDS = MEMBERS - 1
const VOTES = 2 * MEMBERS * (MEMBERS - 1)

export async function benchDoubleEcho(plan: DoubleEchoPlan): Promise<BenchResult> {
  const { payloadBytes, inFlight } = plan
  const sizes = doubleEchoSizes(payloadBytes)
  const workload = { payloadBytes, senders: 1 }
  const base: Omit<GroupPlan, 'durability'> = { members: MEMBERS, stack: 'double-echo', workload }
  const memory = await BroadcastGroup.start({ ...base, durability: 'memory' })
  const disk = await BroadcastGroup.start({ ...base, durability: 'disk' }).catch(async (error: unknown) => {
    await memory.end()
    throw error
  })
  const rounds: Round[] = []
  try {
    plan.onProgress('broadcast: warming up')
    // As much as the floors have, which are compiled anew for each round but have little to compile.
    for (let i = 0; i < WARM_UP_ROUNDS; i++) {
      await runRound(memory, plan, 1)
      await runRound(disk, plan, DISK_SHARE)
    }
    for (let i = 0; i < plan.rounds; i++) {
      plan.onProgress(`broadcast: round ${i + 1} of ${plan.rounds}`)
      rounds.push({
        net: await runFloors('net', sizes),
        bare: await runFloors('libp2p', sizes),
        memory: await runRound(memory, plan, 1),
        disk: await runRound(disk, plan, DISK_SHARE)
      })
    }
  } finally {
    await Promise.all([memory.end(), disk.end()])
  }
  return {
    benchmark: 'broadcast',
    parameters: {
      stack: 'double-echo',
      members: MEMBERS,
      senders: 1,
      broadcasts: plan.broadcasts,
      payloadBytes,
      inFlight,
      sendBytes: sizes.send,
      voteBytes: sizes.vote
    },
    rounds: plan.rounds,
    machine: machine(),
    digests: rounds.flatMap((round) => [round.memory.digest, round.disk.digest]),
    figures: figuresOf(rounds)
  }
}

async function runRound(
  group: BroadcastGroup,
  { broadcasts, inFlight }: DoubleEchoPlan,
  share: number
): Promise<Round['memory']> {
  const round = await group.round(Math.ceil(broadcasts * share), inFlight)
  return { ...round, loneMs: spread(await group.latencies(LONE_BROADCASTS)).median }
}

async function runFloors(kind: FloorKind, sizes: { send: number; vote: number }): Promise<Price> {
  const options = (messageBytes: number, messages: number): FloorOptions => ({
    messageBytes,
    perSend: PER_SEND,
    messages
  })
  return {
    send: await runFloor(kind, options(sizes.send, FLOOR_SENDS)),
    vote: await runFloor(kind, options(sizes.vote, FLOOR_VOTES))
  }
}

/** CPU of the messages of one broadcast, were they nothing but messages. */
function priceOf({ send, vote }: Price): number {
  return SENDS * send.cpuMicrosecondsPerMessage + VOTES * vote.cpuMicrosecondsPerMessage
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const of = (pick: (round: Round) => number) => rounds.map(pick)
  const price = of(({ bare }) => priceOf(bare))
  const cpu = of(({ memory }) => memory.cpuMicroseconds)
  const lower = { better: 'lower' } as const
  return [
    figure('memory: CPU a broadcast, all members', 'us', cpu, lower),
    figure('floor, bare libp2p streams: CPU of its messages', 'us', price),
    figure(
      'floor, plain TCP: CPU of its messages',
      'us',
      of(({ net }) => priceOf(net))
    ),
    figure('CPU, against the floor of bare libp2p streams', 'x', ratios(cpu, price), {
      ...lower,
      reach: { atMost: DOUBLE_ECHO_PRICE_RATIO_MAX, gated: true }
    }),
    ...modeFigures('memory', of, ({ memory }) => memory),
    figure(
      'floor, bare libp2p stream: lone round trip, p50',
      'ms',
      of(({ bare }) => bare.vote.roundTripP50Ms)
    ),
    figure(
      'durable: CPU a broadcast, all members',
      'us',
      of(({ disk }) => disk.cpuMicroseconds),
      lower
    ),
    ...modeFigures('durable', of, ({ disk }) => disk)
  ]
}

function modeFigures(
  mode: string,
  of: (pick: (round: Round) => number) => number[],
  pick: (round: Round) => Round['memory']
): Figure[] {
  const lower = { better: 'lower' } as const
  const values = (value: (round: Round['memory']) => number) => of((round) => value(pick(round)))
  return [
    figure(
      `${mode}: broadcasts a second`,
      '1/s',
      values(({ perSecond }) => perSecond),
      { better: 'higher' }
    ),
    figure(
      `${mode}: lone broadcast to own delivery, p50`,
      'ms',
      values(({ loneMs }) => loneMs),
      lower
    ),
    figure(
      `${mode}: messages a broadcast`,
      '',
      values(({ messages }) => messages),
      lower
    ),
    figure(
      `${mode}: frames a broadcast`,
      '',
      values(({ frames }) => frames),
      lower
    ),
    figure(
      `${mode}: bytes on the wire a broadcast`,
      'B',
      values(({ bytes }) => bytes),
      lower
    ),
    figure(
      `${mode}: batches made durable a broadcast`,
      '',
      values(({ commits }) => commits),
      lower
    ),
    figure(
      `${mode}: memory (RSS) of a member`,
      'MiB',
      values(({ rssBytes }) => rssBytes / MEMBERS / 2 ** 20),
      lower
    ),
    figure(
      `${mode}: heap of a member`,
      'MiB',
      values(({ heapBytes }) => heapBytes / MEMBERS / 2 ** 20),
      lower
    )
  ]
}
