/** `byzkit simulate`: seeded runs of a protocol against an adversary, and a verdict. */
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import type { CampaignResult } from '../../laboratory/campaign.ts'
import { action, type Invocation, integer, type Run } from '../command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, UsageError } from '../errors.ts'
import { liveLine } from '../progress.ts'
import { runCampaign } from '../simulate/campaign-runner.ts'
import { type ConfigOptions, configure, parseShard } from '../simulate/configure.ts'
import { examine } from '../simulate/counterexample.ts'
import { explore } from '../simulate/exhaustive.ts'
import { list } from '../simulate/list.ts'
import { isProtocolFile, loadProtocol } from '../simulate/protocol-file.ts'
import { report } from '../simulate/report.ts'

const MEMBERS_MAX = 100
const RUNS_MAX = 100_000_000

interface Options extends ConfigOptions {
  readonly runs?: number
  readonly minutes?: number
  readonly runSeconds: number
  readonly seed: number
  readonly workers?: number
  readonly shard?: string
  readonly exhaustive?: boolean
  readonly trace?: string
  readonly list?: boolean
}

export function registerSimulate(program: Command, run: Run): void {
  program
    .command('simulate')
    .description('run a protocol thousands of times against an adversary, and judge its properties')
    .argument('[protocol]', 'a name that --list gives, or a file of your own: ./my-protocol.ts')
    .option('--list', 'name the protocols and the adversaries')
    .option('--members <n>', 'processes of the group', integer(1, MEMBERS_MAX), 4)
    .option(
      '--faults <f>',
      'how many faulty members the group is set up for (default: all that n allows)',
      integer(0, MEMBERS_MAX)
    )
    .option(
      '--byzantine <b>',
      'how many members the adversary controls (default: f)',
      integer(0, MEMBERS_MAX)
    )
    .option(
      '--adversary <name>',
      'what they do, or several joined by a plus: equivocate+delay (default: swarm, a mixture drawn from the seed)'
    )
    .option(
      '--search <how>',
      'random; pct: priorities with change points; mutation: of schedules that reached something new',
      'random'
    )
    .option('--runs <r>', 'how many runs (default: 1000)', integer(1, RUNS_MAX))
    .option('--minutes <m>', 'end after so many minutes', integer(1, 100_000))
    .option('--run-seconds <s>', 'a run that takes longer never ends', integer(1, 86_400), 60)
    .option('--seed <s>', 'run i has the seed s + i', integer(0, 1_000_000_000_000), 1)
    .option(
      '--workers <w>',
      'threads (default: one for each core); the outcome does not depend on it, but for --search mutation',
      integer(1, 64)
    )
    .option('--shard <i/k>', 'only the i-th of k disjoint parts of the runs, for job arrays')
    .option(
      '--links <kind>',
      'ideal: sessions without frames; real: the whole tower over a lossy network',
      'ideal'
    )
    .option('--crypto <kind>', 'symbolic: fast; real: Ed25519 and HMAC-SHA256', 'symbolic')
    .option('--signed-send', 'double-echo: senders sign, so that equivocation becomes provable')
    .option('--exhaustive', 'every interleaving of one broadcast by one liar, for at most 4 members')
    .option('--beyond-resilience', 'allow more liars than f, or a larger f than n allows: to see what breaks')
    .option(
      '--trace <file>',
      'where to write the smallest violating run (default: byzkit-PROTOCOL-SEED.jsonl)'
    )
    .action(action<Options>(run, simulate))
}

async function simulate({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  if (options.list === true) {
    list(output)
    return EXIT_OK
  }
  const [operand] = operands
  if (operand === undefined)
    throw new UsageError('simulate needs a protocol; byzkit simulate --list names them')
  const protocolFile = isProtocolFile(operand) ? operand : undefined
  const protocol = protocolFile === undefined ? operand : (await loadProtocol(protocolFile)).name
  const config = configure(protocol, options)
  if (options.exhaustive === true) return explore(config, options, output)
  const [shard, shards] = parseShard(options.shard)
  const started = performance.now()
  const progress = liveLine(output)
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  // Once: who presses it again wants to leave at once.
  process.once('SIGINT', interrupt)
  const runs = options.runs ?? (options.minutes === undefined ? 1000 : RUNS_MAX)
  const runLimitMs = options.runSeconds * 1000
  try {
    const ran = await runCampaign({
      config,
      protocolFile,
      seed: options.seed,
      runs,
      workers: options.workers ?? Math.min(availableParallelism(), Math.ceil(runs / 100)),
      timeLimitMs: (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000,
      runLimitMs,
      shard,
      shards,
      signal: interrupted.signal,
      onProgress: (done, violated) =>
        progress.show(`${protocol}: ${done} runs${violated > 0 ? `, ${violated} violated` : ''}`)
    })
    const eventsPerSecond = Math.round((ran.events / (performance.now() - started)) * 1000)
    const { result, found } = await examine(ran, {
      config,
      protocolFile,
      path: options.trace,
      runLimitMs,
      signal: interrupted.signal,
      onProgress: (what) => progress.show(`${protocol}: ${what}`)
    })
    progress.clear()
    const replay =
      found &&
      `npx byzkit replay ${found.trace}${protocolFile === undefined ? '' : ` --protocol ${protocolFile}`}`
    output.result(
      {
        ...withoutRecordings(result),
        eventsPerSecond,
        ...(found && { trace: found.trace, counterexample: found, replay })
      },
      report(
        { result, eventsPerSecond, counterexample: found, replay, interrupted: interrupted.signal.aborted },
        output
      )
    )
    return result.verdict === 'ok' ? EXIT_OK : EXIT_FAILED
  } finally {
    process.removeListener('SIGINT', interrupt)
  }
}

/** A recording is for a trace file. */
function withoutRecordings(result: CampaignResult): CampaignResult {
  return { ...result, violations: result.violations.map(({ recording: _, ...violation }) => violation) }
}
