/**
 * The cost of registers: the members of a group and a client of them as processes on loopback, in memory and on disk;
 * beside requests and answers of the same size over bare libp2p streams, to one process and to as many as there are
 * members.
 */
import { byzantineQuorum, byzantineResilience } from '../core/quorum.ts'
import { type BenchResult, type Figure, figure, machine, percentile, ratios } from './figures.ts'
import { type RequestFloor, runRequests } from './floors.ts'
import { type Operations, RegisterGroup, type RegisterGroupPlan } from './register-group.ts'

export interface RegisterPlan {
  readonly rounds: number
  /** Operations in each round with some in flight; on disk a share of the writes. */
  readonly operations: number
  /** Lone operations of each kind in each round, and registers. */
  readonly lone: number
  readonly valueBytes: number
  readonly inFlight: number
  readonly onProgress: (what: string) => void
}

const MEMBERS = 4
const QUORUM = byzantineQuorum(MEMBERS, byzantineResilience(MEMBERS))
/** What a request to read weighs, about: a call, a name, a public key. */
const REQUEST_BYTES = 64
/** On disk lone writes wait for two batches one after the other: fewer of them take as long. */
const DISK_SHARE = 0.25
const WARM_UP_ROUNDS = 2

/** At most so many times the time of a bare libp2p request and its answer. */
const READ_RATIO_MAX = 3
/** At most so many batches made durable at a member for a write, of as many as are in flight. */
const COMMITS_PER_WRITE_MAX = 0.2

interface GroupRound {
  readonly writes: Operations
  readonly loneWrites: Operations
  /** Of values that the client has not read before, so that it verifies each. */
  readonly regular: Operations
  readonly atomic: Operations
  /** Of values that it has read before. */
  readonly again: Operations
  readonly reads: Operations
  readonly digest: string
}

export interface RegisterRound {
  readonly one: RequestFloor
  readonly quorum: RequestFloor
  readonly memory: GroupRound
  readonly disk: GroupRound
}

type Mode = 'memory' | 'disk'

export async function benchRegister(plan: RegisterPlan): Promise<BenchResult> {
  const { lone, valueBytes, inFlight, operations } = plan
  const workload = { registers: Math.max(lone, inFlight), valueBytes }
  const base: Omit<RegisterGroupPlan, 'durability'> = { members: MEMBERS, workload }
  const memory = await RegisterGroup.start({ ...base, durability: 'memory' })
  const disk = await RegisterGroup.start({ ...base, durability: 'disk' }).catch(async (error: unknown) => {
    await memory.end()
    throw error
  })
  const rounds: RegisterRound[] = []
  try {
    plan.onProgress('register: warming up')
    for (let i = 0; i < WARM_UP_ROUNDS; i++) {
      await registerRound(memory, plan, 1)
      await registerRound(disk, plan, DISK_SHARE)
    }
    for (let i = 0; i < plan.rounds; i++) {
      plan.onProgress(`register: round ${i + 1} of ${plan.rounds}`)
      rounds.push({
        one: await runFloor(plan, 1, 1),
        quorum: await runFloor(plan, MEMBERS, QUORUM),
        memory: await registerRound(memory, plan, 1),
        disk: await registerRound(disk, plan, DISK_SHARE)
      })
    }
  } finally {
    await Promise.all([memory.end(), disk.end()])
  }
  return {
    benchmark: 'register',
    parameters: { members: MEMBERS, operations, lone, valueBytes, inFlight, requestBytes: REQUEST_BYTES },
    rounds: plan.rounds,
    machine: machine(),
    digests: rounds.flatMap((round) => [round.memory.digest, round.disk.digest]),
    figures: registerFigures(rounds, plan)
  }
}

function runFloor(
  { valueBytes, lone }: RegisterPlan,
  receivers: number,
  quorum: number
): Promise<RequestFloor> {
  return runRequests({
    requestBytes: REQUEST_BYTES,
    answerBytes: valueBytes,
    receivers,
    quorum,
    count: 2 * lone
  })
}

/** All kinds of operations. @param share - of those that are written */
export async function registerRound(
  group: RegisterGroup,
  plan: RegisterPlan,
  share: number
): Promise<GroupRound> {
  const { operations, lone, inFlight } = plan
  const part = (count: number) => Math.ceil(count * share)
  const rewrite = () => group.run('write', lone, inFlight)
  const writes = await group.run('write', part(operations), inFlight)
  const loneWrites = await group.run('write', part(lone), 1)
  await rewrite()
  const regular = await group.run('regular', lone, 1)
  await rewrite()
  const atomic = await group.run('atomic', lone, 1)
  const again = await group.run('atomic', lone, 1)
  const reads = await group.run('atomic', operations, inFlight)
  return { writes, loneWrites, regular, atomic, again, reads, digest: await group.digest() }
}

const MEDIAN = 0.5
const TAIL = 0.95
const lower = { better: 'lower' } as const

export function registerFigures(rounds: readonly RegisterRound[], { inFlight }: RegisterPlan): Figure[] {
  const of = (pick: (round: RegisterRound) => number) => rounds.map(pick)
  return [
    figure('floor, a bare request and its answer: p50', 'ms', of(p50One)),
    figure(
      `floor, bare requests to ${MEMBERS}, a quorum's answers: p50`,
      'ms',
      of(({ quorum }) => percentile(quorum.timesMs, MEDIAN))
    ),
    figure(
      `floor, bare requests to ${MEMBERS}: CPU, all processes`,
      'us',
      of(({ quorum }) => quorum.cpuMicroseconds)
    ),
    ...(['memory', 'disk'] as const).flatMap((mode) => [
      ...loneFigures(mode, of),
      ...loadFigures(mode, of, inFlight)
    ])
  ]
}

const p50One = ({ one }: RegisterRound) => percentile(one.timesMs, MEDIAN)

const labelOf = (mode: Mode) => (mode === 'disk' ? 'durable' : mode)

/** One operation at a time. */
function loneFigures(mode: Mode, of: (pick: (round: RegisterRound) => number) => number[]): Figure[] {
  const label = labelOf(mode)
  const times = (name: string, pick: (round: GroupRound) => Operations) => {
    const at = (fraction: number) => of((round) => percentile(pick(round[mode]).latenciesMs, fraction))
    return [
      figure(`${label}: ${name}, p50`, 'ms', at(MEDIAN), lower),
      figure(`${label}: ${name}, p95`, 'ms', at(TAIL), lower)
    ]
  }
  const ratio = (name: string, pick: (round: GroupRound) => Operations) =>
    figure(
      `${label}: ${name}, against the bare request's`,
      'x',
      ratios(
        of((round) => percentile(pick(round[mode]).latenciesMs, MEDIAN)),
        of(p50One)
      ),
      { ...lower, reach: { atMost: READ_RATIO_MAX } }
    )
  return [
    ...times('lone regular read', ({ regular }) => regular),
    ratio('lone regular read', ({ regular }) => regular),
    ...times('lone atomic read', ({ atomic }) => atomic),
    ratio('lone atomic read', ({ atomic }) => atomic),
    ...times('lone atomic read of a value seen before', ({ again }) => again),
    figure(
      `${label}: the same, against bare requests to ${MEMBERS}`,
      'x',
      ratios(
        of((round) => percentile(round[mode].again.latenciesMs, MEDIAN)),
        of(({ quorum }) => percentile(quorum.timesMs, MEDIAN))
      ),
      lower
    ),
    ...times('lone write', ({ loneWrites }) => loneWrites),
    figure(
      `${label}: lone atomic read: signatures verified`,
      '',
      of((round) => round[mode].atomic.client.verifications),
      lower
    ),
    ...costFigures(`${label}: lone atomic read`, of, (round) => round[mode].atomic)
  ]
}

/** As many at a time as are in flight. */
function loadFigures(
  mode: Mode,
  of: (pick: (round: RegisterRound) => number) => number[],
  inFlight: number
): Figure[] {
  const label = labelOf(mode)
  const each = (name: string, pick: (round: GroupRound) => Operations) => [
    figure(
      `${label}: ${name}s a second, ${inFlight} in flight`,
      '1/s',
      of((round) => pick(round[mode]).perSecond),
      { better: 'higher' }
    ),
    figure(
      `${label}: ${name}, ${inFlight} in flight, p50`,
      'ms',
      of((round) => percentile(pick(round[mode]).latenciesMs, MEDIAN)),
      lower
    ),
    ...costFigures(`${label}: ${name}`, of, (round) => pick(round[mode]))
  ]
  const batches = (name: string, pick: (writes: Operations) => number, reach = {}) =>
    figure(
      `${label}: write: batches made durable, ${name}`,
      '',
      of((round) => pick(round[mode].writes)),
      { ...lower, ...reach }
    )
  return [
    ...each('write', ({ writes }) => writes),
    batches('a member', ({ member }) => member.commits, { reach: { atMost: COMMITS_PER_WRITE_MAX } }),
    batches('the client', ({ client }) => client.commits),
    figure(
      `${label}: write: signatures verified, a member`,
      '',
      of((round) => round[mode].writes.member.verifications),
      lower
    ),
    ...each('read', ({ reads }) => reads),
    figure(
      `${label}: read: share that spared its write-back`,
      '',
      of((round) => round[mode].reads.spared),
      { better: 'higher' }
    )
  ]
}

function costFigures(
  name: string,
  of: (pick: (round: RegisterRound) => number) => number[],
  pick: (round: RegisterRound) => Operations
): Figure[] {
  return [
    figure(
      `${name}: CPU, a member`,
      'us',
      of((round) => pick(round).member.cpuMicroseconds),
      lower
    ),
    figure(
      `${name}: CPU, the client`,
      'us',
      of((round) => pick(round).client.cpuMicroseconds),
      lower
    )
  ]
}
