/** `byzkit simulate`: seeded runs of a protocol against an adversary, and a verdict. */
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import type { CampaignResult } from '../../laboratory/campaign.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import {
  EXIT_FAILED,
  EXIT_OK,
  type ExitStatus,
  type InterruptedError,
  OperationError,
  UsageError
} from '../../program/errors.ts'
import { requireWritable } from '../../program/files/writable.ts'
import { howFar, liveLine } from '../../program/progress.ts'
import { watchStopSignals } from '../../program/stop-signals.ts'
import { runCampaign } from '../simulate/campaign-runner.ts'
import { type ConfigOptions, configure, parseShard } from '../simulate/configure.ts'
import { examine, traceOf } from '../simulate/counterexample.ts'
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
  readonly html?: string
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
    .option('--exhaustive', 'every interleaving of a small case, for at most 4 members')
    .option('--beyond-resilience', 'allow more liars than f, or a larger f than n allows: to see what breaks')
    .option(
      '--beyond-model',
      "each run is worse than the protocol's model says, in one way: to see what breaks"
    )
    .option(
      '--trace <file>',
      'where to write the smallest violating run (default: byzkit-PROTOCOL-SEED.jsonl), or the first run if all hold'
    )
    .option('--html <file>', 'draw that run as a page to step through')
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
  await requireWritable(options.trace ?? traceOf(protocol, options.seed))
  if (options.html !== undefined) await requireWritable(options.html)
  const started = performance.now()
  const progress = liveLine(output)
  const stopSignals = watchStopSignals()
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
      signal: stopSignals.signal,
      onProgress: (done, violated) => {
        const elapsedMs = performance.now() - started
        const far =
          options.runs === undefined && options.minutes !== undefined
            ? `${done.toLocaleString('en')} runs in ${Math.floor(elapsedMs / 60_000)} of ${options.minutes} minutes`
            : howFar('runs', done, Math.ceil((runs - shard) / shards), elapsedMs)
        progress.show(`${protocol}: ${far}${violated > 0 ? `, ${violated} violated` : ''}`)
      }
    })
    const eventsPerSecond = Math.round((ran.events / (performance.now() - started)) * 1000)
    const { result, found, kept, unwritten } = await examine(cutShort(ran, stopSignals.received), {
      config,
      protocolFile,
      path: options.trace,
      html: options.html,
      seed: options.seed + shard,
      runLimitMs,
      signal: stopSignals.signal,
      onProgress: (what) => progress.show(`${protocol}: ${what}`)
    })
    progress.clear()
    const trace = found?.trace ?? kept?.trace
    const replay =
      trace && `npx byzkit replay ${trace}${protocolFile === undefined ? '' : ` --protocol ${protocolFile}`}`
    output.result(
      {
        ...withoutRecordings(result),
        eventsPerSecond,
        ...(found && { counterexample: found }),
        ...(kept && { kept }),
        ...(trace && { trace, replay })
      },
      report(
        {
          result,
          eventsPerSecond,
          counterexample: found,
          kept,
          replay,
          interruption: stopSignals.received
        },
        output
      )
    )
    if (unwritten !== undefined) throw new OperationError(unwritten.message)
    if (result.verdict === 'inconclusive' && stopSignals.received !== undefined)
      return stopSignals.received.status
    return result.verdict === 'ok' ? EXIT_OK : EXIT_FAILED
  } finally {
    stopSignals.release()
  }
}

/** Runs that were not made might have violated something. */
function cutShort(result: CampaignResult, interruption: InterruptedError | undefined): CampaignResult {
  if (interruption === undefined || result.verdict === 'violated') return result
  return {
    ...result,
    verdict: 'inconclusive',
    reason: `it was ${interruption.message} after ${result.runs} runs`
  }
}

/** A recording is for a trace file. */
function withoutRecordings(result: CampaignResult): CampaignResult {
  return { ...result, violations: result.violations.map(({ recording: _, ...violation }) => violation) }
}
