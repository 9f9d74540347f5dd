/** `byzkit simulate`: seeded runs of a named stack against an adversary, and a verdict. */
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { behaviours } from '../../adversary/index.ts'
import type { CampaignResult } from '../../laboratory/campaign.ts'
import { type RunConfig, requireBehaviour, requireStack } from '../../laboratory/run-config.ts'
import { traceLines } from '../../laboratory/trace-file.ts'
import { stacks } from '../../stacks/index.ts'
import { requireResilience } from '../../stacks/stack.ts'
import { runCampaign } from '../campaign-runner.ts'
import { action, type Invocation, integer, type Run } from '../command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, UsageError } from '../errors.ts'
import { explore } from '../exhaustive.ts'
import { type Output, printable } from '../output.ts'
import { liveLine } from '../progress.ts'

const MEMBERS_MAX = 100
const RUNS_MAX = 100_000_000

interface Options {
  readonly members: number
  readonly faults?: number
  readonly byzantine?: number
  readonly adversary?: string
  readonly runs?: number
  readonly minutes?: number
  readonly seed: number
  readonly workers?: number
  readonly shard?: string
  readonly links: string
  readonly crypto: string
  readonly signedSend?: boolean
  readonly exhaustive?: boolean
  readonly beyondResilience?: boolean
  readonly trace?: string
  readonly list?: boolean
}

export function registerSimulate(program: Command, run: Run): void {
  program
    .command('simulate')
    .description('run a protocol thousands of times against an adversary, and judge its properties')
    .argument('[protocol]', 'a name that --list gives')
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
    .option('--adversary <name>', 'what they do (default: swarm, a mixture drawn from the seed)')
    .option('--runs <r>', 'how many runs (default: 1000)', integer(1, RUNS_MAX))
    .option('--minutes <m>', 'end after so many minutes', integer(1, 100_000))
    .option('--seed <s>', 'run i has the seed s + i', integer(0, 1_000_000_000_000), 1)
    .option(
      '--workers <w>',
      'threads (default: one for each core); the outcome does not depend on it',
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
    .option('--trace <file>', 'where to write the trace of a violation (default: byzkit-PROTOCOL-SEED.jsonl)')
    .action(action<Options>(run, simulate))
}

async function simulate({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  if (options.list === true) return list(output)
  const [protocol] = operands
  if (protocol === undefined)
    throw new UsageError('simulate needs a protocol; byzkit simulate --list names them')
  const config = configure(protocol, options)
  if (options.exhaustive === true) return explore(config, options, output)
  const [shard, shards] = parseShard(options.shard)
  const started = performance.now()
  const progress = liveLine(output)
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  process.once('SIGINT', interrupt)
  const runs = options.runs ?? (options.minutes === undefined ? 1000 : RUNS_MAX)
  const result = await runCampaign({
    config,
    seed: options.seed,
    runs,
    workers: options.workers ?? Math.min(availableParallelism(), Math.ceil(runs / 100)),
    timeLimitMs: (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000,
    shard,
    shards,
    signal: interrupted.signal,
    onProgress: (done, violated) =>
      progress.show(`${protocol}: ${done} runs${violated > 0 ? `, ${violated} violated` : ''}`)
  })
  process.removeListener('SIGINT', interrupt)
  progress.clear()
  const trace = await writeCounterexample(config, result, options.trace)
  const eventsPerSecond = Math.round((result.events / (performance.now() - started)) * 1000)
  output.result({ ...result, eventsPerSecond, ...trace }, describe(result, eventsPerSecond, trace, output))
  return result.verdict === 'ok' ? EXIT_OK : EXIT_FAILED
}

function configure(protocol: string, options: Options): RunConfig {
  const stack = requireStack(protocol)
  const { members, beyondResilience = false, links, crypto } = options
  const faults = options.faults ?? stack.resilience.largest(members)
  if (faults >= members)
    throw new UsageError(`--faults ${faults}: of ${members} members none would be correct`)
  if (!beyondResilience) requireResilience(stack, members, faults)
  const byzantine = options.byzantine ?? (stack.model === 'fail-arbitrary' ? faults : 0)
  if (byzantine >= members)
    throw new UsageError(`--byzantine ${byzantine}: of ${members} members none would be correct`)
  if (byzantine > faults && !beyondResilience) {
    throw new UsageError(
      `--byzantine ${byzantine}: the group tolerates ${faults} (${stack.resilience.formula}), unless --beyond-resilience is given`
    )
  }
  if (links !== 'ideal' && links !== 'real')
    throw new UsageError(`--links ${printable(links)}: ideal or real`)
  if (crypto !== 'symbolic' && crypto !== 'real')
    throw new UsageError(`--crypto ${printable(crypto)}: symbolic or real`)
  const adversary = byzantine === 0 ? null : (options.adversary ?? 'swarm')
  if (options.adversary !== undefined) requireBehaviour(options.adversary)
  return {
    protocol,
    members,
    faults,
    byzantine,
    adversary,
    links,
    crypto,
    signedSend: options.signedSend ?? false
  }
}

function parseShard(text: string | undefined): [shard: number, shards: number] {
  if (text === undefined) return [0, 1]
  const [, shard, shards] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? []
  if (shard === undefined || shards === undefined || shard < 1 || shard > shards) {
    throw new UsageError(`--shard ${printable(text)}: I/K with 1 <= I <= K, for example 1/8`)
  }
  return [shard - 1, shards]
}

async function writeCounterexample(
  config: RunConfig,
  { violations }: CampaignResult,
  path: string | undefined
): Promise<{ trace?: string }> {
  const [first] = violations
  if (first === undefined) return {}
  const file = path ?? `byzkit-${config.protocol}-${first.seed}.jsonl`
  await writeFile(file, `${traceLines(config, first.seed).join('\n')}\n`)
  return { trace: file }
}

function list(output: Output): ExitStatus {
  const protocols = stacks.map(({ name, title, model, resilience, properties, landmarks, source }) => ({
    name,
    title,
    source,
    model,
    resilience: resilience.formula,
    properties,
    landmarks
  }))
  const { bold, dim } = output.colors
  const lines = [
    bold('Protocols'),
    ...protocols.map(
      ({ name, title, resilience }) => `  ${name.padEnd(30)} ${title} ${dim(`(${resilience})`)}`
    ),
    '',
    bold('Adversaries'),
    ...behaviours.map(({ name, powers, live }) => `  ${(name + (live ? '*' : '')).padEnd(30)} ${powers}`),
    '',
    dim('* also for live groups: cluster --behaviour')
  ]
  output.result(protocols, lines.join('\n'))
  return EXIT_OK
}

function describe(
  result: CampaignResult,
  eventsPerSecond: number,
  { trace }: { trace?: string },
  { colors: { bold, dim, green, red, yellow } }: Output
): string {
  const { protocol, members, faults, byzantine, adversary, runs, events, landmarks, violations, verdict } =
    result
  const rate = `${events.toLocaleString('en')} messages, ${eventsPerSecond.toLocaleString('en')} a second`
  const lines = [
    `${bold(protocol)}  n = ${members}, f = ${faults}, ${byzantine} Byzantine (${adversary ?? 'none'}), ${runs} runs  ${dim(rate)}`,
    '',
    'landmark                        runs that reached it'
  ]
  for (const [name, count] of Object.entries(landmarks)) {
    lines.push(`  ${name.padEnd(30)}${count === 0 ? yellow(String(count)) : count}`)
  }
  lines.push('')
  for (const { property, detail, seed } of violations.slice(0, 5))
    lines.push(`${red(`${property} violated`)}  seed ${seed}: ${detail}`)
  if (trace !== undefined) lines.push(dim(`trace: ${trace}; replay it with: npx byzkit replay ${trace}`))
  if (verdict === 'ok') lines.push(`${green('ok')}  ${requireStack(protocol).properties.join(', ')} held`)
  else if (verdict === 'violated') lines.push(`${red('violated')}  in ${result.violatedRuns} of ${runs} runs`)
  else lines.push(`${yellow('inconclusive')}  ${result.reason ?? ''}`)
  return lines.join('\n')
}
