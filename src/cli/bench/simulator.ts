/** How fast the simulator is: a campaign as `simulate double-echo` runs it, on one core. */
import { Child } from './children.ts'
import { agreed, type BenchResult, figure, machine } from './figures.ts'
import type { Usage } from './usage.ts'

export interface SimulatorPlan {
  readonly rounds: number
  readonly runs: number
  readonly onProgress: (what: string) => void
}

export interface SimulatorCommand {
  readonly firstSeed: number
  readonly runs: number
}

export interface SimulatorReport {
  /** Delivered by the network. */
  readonly messages: number
  readonly digest: string
  readonly violations: number
  readonly elapsedMs: number
  readonly usage: Usage
}

export async function benchSimulator({ rounds, runs, onProgress }: SimulatorPlan): Promise<BenchResult> {
  const reports: SimulatorReport[] = []
  const child = new Child<SimulatorCommand, SimulatorReport>('simulator-member')
  try {
    onProgress('simulator: warming up')
    await child.ask({ firstSeed: 1, runs: Math.ceil(runs / 4) })
    for (let i = 0; i < rounds; i++) {
      onProgress(`simulator: round ${i + 1} of ${rounds}`)
      reports.push(await child.ask({ firstSeed: 1, runs }))
    }
  } finally {
    child.end()
  }
  // The same seeds, so the same runs, byte for byte.
  const digest = agreed(
    'the traces of the same seeds',
    reports.map((report) => report.digest)
  )
  if (reports.some(({ violations }) => violations > 0)) throw new Error('a property was violated')
  const of = (pick: (report: SimulatorReport) => number) => reports.map(pick)
  const higher = { better: 'higher' } as const
  const lower = { better: 'lower' } as const
  return {
    benchmark: 'simulator',
    parameters: {
      protocol: 'double-echo',
      members: 4,
      byzantine: 1,
      adversary: 'swarm',
      crypto: 'symbolic',
      runs
    },
    rounds,
    machine: machine(),
    digests: [digest],
    figures: [
      figure(
        'messages delivered a CPU second',
        '1/s',
        of(({ messages, usage }) => messages / (usage.cpuMicroseconds / 1e6)),
        higher
      ),
      figure(
        'messages delivered a second',
        '1/s',
        of(({ messages, elapsedMs }) => messages / (elapsedMs / 1000)),
        higher
      ),
      figure(
        'runs a CPU second',
        '1/s',
        of(({ usage }) => runs / (usage.cpuMicroseconds / 1e6)),
        higher
      ),
      figure(
        'memory (RSS)',
        'MiB',
        of(({ usage }) => usage.rssBytes / 2 ** 20),
        lower
      )
    ]
  }
}
