/** `byzkit bench`: what links, broadcasts, registers and agreement cost, beside floors measured in the same run. */
import type { Command } from 'commander'
import { Argument, Option } from 'commander'
import { type Change, compare, readResults } from '../../bench/comparison.ts'
import { benchConsensus } from '../../bench/consensus.ts'
import { benchDoubleEcho } from '../../bench/double-echo.ts'
import { type BenchResult, type Figure, missedGates } from '../../bench/figures.ts'
import { benchLinks } from '../../bench/links.ts'
import { benchReads } from '../../bench/reads.ts'
import { benchRegister } from '../../bench/register.ts'
import { benchSimulator } from '../../bench/simulator.ts'
import { benchStores } from '../../bench/stores.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, OperationError, UsageError } from '../../program/errors.ts'
import type { Output } from '../../program/output.ts'
import { liveLine } from '../../program/progress.ts'
import { VALUE_BYTES_MAX } from '../../registers/constants.ts'

interface Options {
  readonly rounds: number
  readonly compare?: string
  readonly gate?: boolean
  readonly links: string
  readonly crypto: string
  readonly reads?: number
  readonly seconds: number
  readonly rows?: string
}

/** Those with a ratio that `--gate` fails for. */
const GATED = ['links', 'broadcast']

/** It has bounds of its own, and takes long: it is run by its name alone. */
const FLOOD = 'flood'

interface Settings {
  readonly rounds: number
  readonly onProgress: (what: string) => void
  /** What the simulator's benchmark simulates. */
  readonly simulated: {
    readonly links: 'ideal' | 'real'
    readonly crypto: 'symbolic' | 'real'
  }
  /** Of so many bytes each, if the registers' benchmark is of reads alone. */
  readonly reads: number | undefined
}

type Benchmark = (settings: Settings) => Promise<BenchResult>

const BENCHMARKS: { readonly [name: string]: Benchmark } = {
  links: ({ rounds, onProgress }) => benchLinks({ rounds, onProgress, messages: 200_000, messageBytes: 256 }),
  broadcast: ({ rounds, onProgress }) =>
    benchDoubleEcho({ rounds, onProgress, broadcasts: 4000, payloadBytes: 1024, inFlight: 64 }),
  register: ({ rounds, onProgress, reads }) =>
    reads === undefined
      ? benchRegister({ rounds, onProgress, operations: 2000, lone: 300, valueBytes: 1024, inFlight: 64 })
      : benchReads({ rounds, onProgress, reads: 500, valueBytes: reads, inFlight: 16 }),
  stores: ({ rounds, onProgress }) =>
    benchStores({ rounds, onProgress, operations: 500, lone: 100, valueBytes: 1024, inFlight: 64 }),
  consensus: ({ rounds, onProgress }) =>
    benchConsensus({ rounds, onProgress, commands: 4000, lone: 200, commandBytes: 1024, inFlight: 100 }),
  simulator: ({ rounds, onProgress, simulated }) =>
    benchSimulator({ rounds, onProgress, runs: 400, ...simulated })
}

export function registerBench(program: Command, run: Run): void {
  const what = new Argument('[what]', 'what to measure (default: all but flood)').choices([
    ...Object.keys(BENCHMARKS),
    FLOOD
  ])
  program
    .command('bench')
    .description(
      'measure what links, broadcasts, registers and agreement cost, beside what plain TCP and bare libp2p cost; or, by its name, what is left under a flood'
    )
    .addArgument(what)
    .option('--rounds <r>', 'medians are of so many rounds', integer(1, 1000), 5)
    .addOption(
      new Option('--links <kind>', 'simulator: on which links').choices(['ideal', 'real']).default('ideal')
    )
    .addOption(
      new Option('--crypto <kind>', 'simulator: with which signatures')
        .choices(['symbolic', 'real'])
        .default('symbolic')
    )
    .option(
      '--reads <bytes>',
      'register: one client that reads values of so many bytes as fast as it can',
      integer(4, VALUE_BYTES_MAX)
    )
    .option('--rows <text>', 'flood: only rows that have this in their name, such as "client: READ"')
    .option('--seconds <s>', 'flood: how long each of its rows is flooded', integer(1, 3600), 5)
    .option(
      '--gate',
      `${GATED.join(', ')}: fail (status 1) if the ratio to the bare libp2p streams is not reached`
    )
    .option('--compare <file>', 'an earlier result, as --json wrote it')
    .action(action<Options>(run, bench))
}

async function bench(invocation: Invocation<Options>): Promise<ExitStatus> {
  const { operands, options, output } = invocation
  const ungated = operands.filter((name) => !GATED.includes(name))
  if (options.gate === true && ungated.length > 0) {
    throw new UsageError(`--gate: ${ungated.join(', ')} has no gate; ${GATED.join(' and ')} have one`)
  }
  if (operands.includes(FLOOD)) return flood(invocation)
  // A file that cannot be compared with is said at once, not after minutes.
  const earlier = options.compare === undefined ? [] : await readResults(options.compare)
  const progress = liveLine(output)
  const settings: Settings = {
    rounds: options.rounds,
    onProgress: progress.show,
    simulated: {
      links: options.links === 'real' ? 'real' : 'ideal',
      crypto: options.crypto === 'real' ? 'real' : 'symbolic'
    },
    reads: options.reads
  }
  const results: BenchResult[] = []
  for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
    if (operands.length > 0 && !operands.includes(name)) continue
    const result = await benchmark(settings)
    progress.clear()
    results.push(result)
    if (operands.length === 0) output.event(result)
    output.say(`${describe(result, output)}\n`)
  }
  const comparisons = results.flatMap((result) => {
    const before = earlier.find(({ benchmark }) => benchmark === result.benchmark)
    if (before === undefined) return []
    const sameParameters = JSON.stringify(before.parameters) === JSON.stringify(result.parameters)
    return [{ benchmark: result.benchmark, sameParameters, changes: compare(before, result) }]
  })
  const outcome = { results, ...(options.compare === undefined ? {} : { comparisons }) }
  output.result(outcome, comparisons.map((comparison) => describeChanges(comparison, output)).join('\n'))
  const missed = options.gate === true ? missedGates(results) : []
  if (missed.length > 0) throw new OperationError(`the gate is missed: ${missed.join('; ')}`)
  return EXIT_OK
}

async function flood({ options: { seconds, rows = '' }, output }: Invocation<Options>): Promise<ExitStatus> {
  // By itself: `bench:pair` runs the other benchmarks on revisions that lack what a flood is measured by.
  const { benchFlood } = await import('../../bench/flood/flood.ts')
  const { describeFlood, describeFloodRow, floodHeader } = await import('../../bench/flood/describe.ts')
  const progress = liveLine(output)
  output.say(floodHeader(output.colors))
  const result = await benchFlood({
    seconds,
    rows,
    onProgress: progress.show,
    onRow: (row) => {
      progress.clear()
      output.event(row)
      output.say(describeFloodRow(row, output.colors))
    }
  })
  progress.clear()
  output.result(result, describeFlood(result, output.colors))
  return result.withinBounds ? EXIT_OK : EXIT_FAILED
}

const NAME_WIDTH = 54

function describe({ benchmark, parameters, rounds, machine, figures }: BenchResult, output: Output): string {
  const { bold, dim } = output.colors
  const settings = Object.entries(parameters).map(([name, value]) => `${name} ${value}`)
  return [
    `${bold(benchmark)}  ${settings.join(', ')}`,
    dim(
      `Node ${machine.node}, ${machine.platform}, ${machine.cores} cores; median of ${rounds} rounds [lowest, highest]`
    ),
    ...figures.map((figure) => describeFigure(figure, output))
  ].join('\n')
}

function describeFigure(
  { name, unit, median, min, max, reach, reached }: Figure,
  { colors: { green, yellow } }: Output
): string {
  const goal =
    reach === undefined
      ? ''
      : `  ${reach.atMost === undefined ? `at least ${reach.atLeast}` : `at most ${reach.atMost}`}`
  const verdict =
    goal === '' ? '' : reached === true ? green(`${goal}: reached`) : yellow(`${goal}: not reached`)
  const range = `[${short(min)}, ${short(max)}]`
  return `  ${name.padEnd(NAME_WIDTH)}${short(median).padStart(10)} ${unit.padEnd(4)} ${range}${verdict}`
}

function describeChanges(
  {
    benchmark,
    sameParameters,
    changes
  }: { benchmark: string; sameParameters: boolean; changes: readonly Change[] },
  { colors: { bold, dim, green, yellow } }: Output
): string {
  const colour = { better: green, worse: yellow, changed: (text: string) => text, noise: dim }
  return [
    `${bold(benchmark)}  against the earlier result${sameParameters ? '' : yellow(', which had other parameters')}`,
    ...changes.map(({ name, before, after, percent, verdict }) => {
      const sign = percent < 0 ? '' : '+'
      const medians = `${short(before.median).padStart(10)} -> ${short(after.median).padEnd(10)}`
      return `  ${name.padEnd(NAME_WIDTH)}${medians} ${colour[verdict](`${sign}${percent.toFixed(1)}% ${verdict}`)}`
    })
  ].join('\n')
}

/** Three digits that mean something, or all of them before the point. */
function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3)
}
