/** What one honest client costs that reads as fast as it can, and how fast that is. */
import { type BenchResult, figure, machine, percentile } from './figures.ts'
import { type Operations, RegisterGroup } from './register-group.ts'

export interface ReadsPlan {
  readonly rounds: number
  /** In each round. */
  readonly reads: number
  readonly valueBytes: number
  readonly inFlight: number
  readonly onProgress: (what: string) => void
}

const MEMBERS = 4

export async function benchReads(plan: ReadsPlan): Promise<BenchResult> {
  const { rounds, reads, valueBytes, inFlight, onProgress } = plan
  const workload = { registers: inFlight, valueBytes }
  const group = await RegisterGroup.start({ members: MEMBERS, workload, durability: 'memory' })
  const measured: Operations[] = []
  const digests: string[] = []
  try {
    onProgress('reads: warming up')
    await group.run('write', inFlight, inFlight)
    await group.run('atomic', reads, inFlight)
    for (let round = 1; round <= rounds; round++) {
      onProgress(`reads: round ${round} of ${rounds}`)
      measured.push(await group.run('atomic', reads, inFlight))
    }
    digests.push(await group.digest())
  } finally {
    await group.end()
  }
  return {
    benchmark: 'register',
    parameters: { members: MEMBERS, reads, valueBytes, inFlight },
    rounds,
    machine: machine(),
    digests,
    figures: readFigures(measured)
  }
}

function readFigures(rounds: readonly Operations[]) {
  const name = 'one client reading'
  const lower = { better: 'lower' } as const
  return [
    figure(
      `${name}: CPU a read, all processes`,
      'us',
      rounds.map(({ member, client }) => MEMBERS * member.cpuMicroseconds + client.cpuMicroseconds),
      lower
    ),
    figure(
      `${name}: CPU a read, a member`,
      'us',
      rounds.map(({ member }) => member.cpuMicroseconds),
      lower
    ),
    figure(
      `${name}: CPU a read, the client`,
      'us',
      rounds.map(({ client }) => client.cpuMicroseconds),
      lower
    ),
    figure(
      `${name}: reads a second`,
      '1/s',
      rounds.map(({ perSecond }) => perSecond),
      { better: 'higher' }
    ),
    ...[0.5, 0.99].map((fraction) =>
      figure(
        `${name}: a read, p${100 * fraction}`,
        'ms',
        rounds.map(({ latenciesMs }) => percentile(latenciesMs, fraction)),
        lower
      )
    )
  ]
}
