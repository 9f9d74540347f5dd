/** How fast the simulator is, on one core: correct members, a campaign as `simulate` runs it, shrinking, a long run. */
import type { RunConfig } from '../laboratory/run-config.ts'
import { Child } from './children.ts'
import { agreed, type BenchResult, figure, machine } from './figures.ts'
import type { Usage } from './usage.ts'

export interface SimulatorPlan {
  readonly rounds: number
  readonly runs: number
  /** Broadcasts of each member in the long run; 5,000 give more than two million events. */
  readonly longBroadcasts?: number
  /** At least so many messages has the violating run that is shrunk. */
  readonly violationMessages?: number
  readonly links?: RunConfig['links']
  readonly crypto?: RunConfig['crypto']
  readonly onProgress: (what: string) => void
}

export interface SimulatorCommand {
  readonly kind: 'correct' | 'swarm' | 'shrink' | 'long'
  readonly firstSeed: number
  readonly runs: number
  readonly longBroadcasts: number
  readonly violationMessages: number
  readonly links: RunConfig['links']
  readonly crypto: RunConfig['crypto']
}

export interface SimulatorReport {
  /** Delivered by the network. */
  readonly messages: number
  readonly digest: string
  readonly violations: number
  /** Runs; choices that are left after shrinking; lines of a trace. */
  readonly size: number
  readonly elapsedMs: number
  readonly usage: Usage
}

/** What is aimed at with symbolic signatures and ideal links. */
const MESSAGES_A_SECOND = 200_000
const SHRINKING_SECONDS = 30

export async function benchSimulator(plan: SimulatorPlan): Promise<BenchResult> {
  const { rounds, runs, links = 'ideal', crypto = 'symbolic', onProgress } = plan
  const { longBroadcasts = 5000, violationMessages = 5000 } = plan
  const reports = { correct: [], swarm: [], shrink: [], long: [] } as {
    readonly [K in SimulatorCommand['kind']]: SimulatorReport[]
  }
  const command = { firstSeed: 1, runs, longBroadcasts, violationMessages, links, crypto }
  // Each in a process of its own: what one has taught the compiler, and left in memory, is not measured in another.
  for (const kind of ['correct', 'swarm', 'shrink', 'long'] as const) {
    const child = new Child<SimulatorCommand, SimulatorReport>('simulator-member')
    const many = kind === 'correct' || kind === 'swarm'
    try {
      onProgress(`simulator: ${kind}`)
      if (many) await child.ask({ ...command, kind, runs: Math.ceil(runs / 4) })
      for (let round = 1; round <= (many ? rounds : 1); round++) {
        onProgress(`simulator: ${kind}, round ${round}`)
        reports[kind].push(await child.ask({ ...command, kind }))
      }
    } finally {
      child.end()
    }
  }
  const all = [...reports.correct, ...reports.swarm]
  if (all.some(({ violations }) => violations > 0)) throw new Error('a property was violated')
  // The same seeds, so the same runs, byte for byte.
  const digests = [reports.correct, reports.swarm].map((of) =>
    agreed(
      'the traces of the same seeds',
      of.map((report) => report.digest)
    )
  )
  const cpuSeconds = ({ usage }: SimulatorReport) => usage.cpuMicroseconds / 1e6
  const rate = (report: SimulatorReport) => report.messages / cpuSeconds(report)
  const fast = links === 'ideal' && crypto === 'symbolic'
  const higher = { better: 'higher' } as const
  const lower = { better: 'lower' } as const
  return {
    benchmark: 'simulator',
    parameters: { protocol: 'double-echo', members: 4, links, crypto, runs },
    rounds,
    machine: machine(),
    digests,
    figures: [
      figure('correct members: messages a CPU second', '1/s', reports.correct.map(rate), {
        ...higher,
        ...(fast ? { reach: { atLeast: MESSAGES_A_SECOND } } : {})
      }),
      figure('one liar of the swarm, judged: messages a CPU second', '1/s', reports.swarm.map(rate), higher),
      figure(
        'one liar of the swarm, judged: runs a CPU second',
        '1/s',
        reports.swarm.map((report) => report.size / cpuSeconds(report)),
        higher
      ),
      figure(
        'shrinking a violation: messages before',
        '',
        reports.shrink.map(({ messages }) => messages)
      ),
      figure(
        'shrinking a violation: choices that are left',
        '',
        reports.shrink.map(({ size }) => size),
        lower
      ),
      figure('shrinking a violation: CPU time', 's', reports.shrink.map(cpuSeconds), {
        ...lower,
        reach: { atMost: SHRINKING_SECONDS }
      }),
      figure(
        'a long run: lines of its trace',
        '',
        reports.long.map(({ size }) => size)
      ),
      figure(
        'a long run, its trace streamed: memory (RSS)',
        'MiB',
        reports.long.map(({ usage }) => usage.rssBytes / 2 ** 20),
        lower
      )
    ]
  }
}
