/** `byzkit cluster`: a group of real processes on this machine, some of them Byzantine, and a verdict. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { Cluster } from '../../cluster/cluster.ts'
import { type ClusterFolder, makeClusterFolder } from '../../cluster/folder.ts'
import { type Judgement, judge } from '../../cluster/judgement.ts'
import { ledOf } from '../../cluster/led-standing.ts'
import { describeLed, describePhase, describeStandings } from '../../cluster/led-table.ts'
import { newTracePath, removeOldTraces } from '../../cluster/old-traces.ts'
import type { Phase } from '../../cluster/phases.ts'
import {
  CLUSTER_INPUT_BYTES_MAX,
  CLUSTER_MEMBERS_MAX,
  CLUSTER_STACK,
  type ClusterOptions,
  type ClusterPlan,
  DEFAULT_BEHAVIOUR,
  planCluster,
  planLed
} from '../../cluster/plan.ts'
import { type Progress, showProgress } from '../../cluster/progress.ts'
import { watchProgress } from '../../cluster/stuck.ts'
import { describeTour, describeVerdict, type Told } from '../../cluster/table.ts'
import { runTour, TOUR_QUIET_MS_MAX } from '../../cluster/tour.ts'
import { clusterTrace } from '../../cluster/trace-lines.ts'
import type { ClusterUse, TourEvents } from '../../cluster/use.ts'
import { led, useOf } from '../../cluster/uses.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import {
  EXIT_FAILED,
  EXIT_OK,
  type ExitStatus,
  InterruptedError,
  OperationError
} from '../../program/errors.ts'
import { fileError } from '../../program/files/read-file.ts'
import { requireWritable } from '../../program/files/writable.ts'
import { type Colors, type Output, oneLine, printable } from '../../program/output.ts'
import { watchStopSignals } from '../../program/stop-signals.ts'
import type { HistoryEvent } from '../../simulator/history.ts'

interface Options extends ClusterOptions {
  readonly data?: string
}

/** Within the folder that a person names. */
const LED_FOLDER = 'agreement'

/** While processes start and connect. One that fails ends, and is heard of at once: this is for one that hangs. */
const START_QUIET_MS_MAX = 60_000

export function registerCluster(program: Command, run: Run): void {
  program
    .command('cluster')
    .description('start a group of processes on this machine, some of them Byzantine, and judge what happens')
    .option('--members <n>', 'processes of the group', integer(1, CLUSTER_MEMBERS_MAX), 4)
    .option(
      '--byzantine <b>',
      'how many of them attack: the last ranks (default: f)',
      integer(0, CLUSTER_MEMBERS_MAX)
    )
    .option('--behaviour <name>', `what those do (default: ${DEFAULT_BEHAVIOUR}, or what shows there)`)
    .option(
      '--input <file>',
      `what every member broadcasts, at most ${CLUSTER_INPUT_BYTES_MAX} bytes (default: a text)`
    )
    .option('--stack <name>', 'the protocol', CLUSTER_STACK)
    .option('--data <dir>', 'a new folder for keys, stores and the trace, which stays')
    .option('--kill', 'kill -9 a correct member in mid-run, too, and start it again')
    .option('--beyond-resilience', 'allow more Byzantine members than f, or any n: to see what breaks')
    .action(action<Options>(run, cluster))
}

async function cluster({ options, output }: Invocation<Options>): Promise<ExitStatus> {
  const plan = await planCluster(options)
  const folder = await makeClusterFolder(options.data)
  const started = performance.now()
  const stopSignals = watchStopSignals()
  try {
    const first = await toured(plan, useOf(plan), folder, options.data, output, stopSignals.signal)
    const ledPlan = planLed(plan)
    const second = ledPlan && (await tourWithLeader(ledPlan, options.data, output, stopSignals.signal))
    const { byzantine, members, f, behaviour, stack } = plan
    const { violations, ...rest } = first.judgement
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1))
    const names = { members, faults: f, byzantine: byzantine.length, behaviour: behaviour?.name ?? null }
    const verdict = worst([first.judgement, ...(second ? [second.judgement] : [])])
    const { trace } = first
    output.result(
      {
        ...rest,
        ...verdict,
        ...names,
        stack: stack.name,
        agreement: second ? ledResult(second) : null,
        violations,
        trace,
        seconds
      },
      `${describeAll(first, second, verdict, output.colors)}, in ${seconds} seconds`
    )
    if (options.data === undefined) await removeOldTraces()
    return verdict.verdict === 'ok' ? EXIT_OK : EXIT_FAILED
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error
    const { members, f: faults, stack } = plan
    output.result(
      { verdict: 'inconclusive', reason: error.message, members, faults, stack: stack.name },
      `${output.colors.yellow('inconclusive')}  ${error.message}`
    )
    return error.status
  } finally {
    stopSignals.release()
    await folder.tidy()
  }
}

interface Over {
  readonly plan: ClusterPlan
  readonly judgement: Judgement
  readonly phases: readonly Phase[]
  readonly trace: string
}

/** A tour, whose trace is written. */
async function toured(
  plan: ClusterPlan,
  use: ClusterUse,
  folder: ClusterFolder,
  data: string | undefined,
  output: Output,
  interrupted: AbortSignal
): Promise<Over> {
  const trace = tracePath(data)
  await requireWritable(trace)
  const { judgement, phases, events } = await tour(plan, use, folder, output, interrupted)
  await writeFile(trace, clusterTrace(plan, events, judgement), { mode: 0o600 }).catch((error) => {
    throw fileError(trace, 'cannot be written', error)
  })
  return { plan, judgement, phases, trace }
}

/** In a group of its own, with a folder of its own. */
async function tourWithLeader(
  plan: ClusterPlan,
  data: string | undefined,
  output: Output,
  interrupted: AbortSignal
): Promise<Over> {
  const own = data === undefined ? undefined : join(data, LED_FOLDER)
  const folder = await makeClusterFolder(own)
  try {
    return await toured(plan, led, folder, own, output, interrupted)
  } finally {
    await folder.tidy()
  }
}

/** Of several verdicts the one that counts, and why. */
function worst(judgements: readonly Judgement[]): Pick<Judgement, 'verdict' | 'reason'> {
  const [first] = (['violated', 'inconclusive', 'ok'] as const).flatMap((verdict) =>
    judgements.filter((judgement) => judgement.verdict === verdict)
  )
  const { verdict = 'ok', reason } = first ?? {}
  return { verdict, ...(reason !== undefined && { reason }) }
}

function ledResult({ plan, judgement, phases, trace }: Over): object {
  const { digests: _, registers: __, violations, ...rest } = judgement
  const { members, f, byzantine, behaviour, stack } = plan
  return {
    ...rest,
    members,
    faults: f,
    byzantine,
    behaviour: behaviour?.name ?? null,
    stack: stack.name,
    phases: phases.map((phase) => phaseValue(plan, phase)),
    violations,
    trace
  }
}

function phaseValue(plan: ClusterPlan, { standings, ...phase }: Phase): object {
  const { term, done } = ledOf(plan).words
  const members = [...standings].map(([member, standing]) => ({
    member,
    [term]: standing.term,
    [done]: standing.done
  }))
  return { ...phase, members }
}

function describeAll(
  first: Over,
  second: Over | undefined,
  verdict: Pick<Judgement, 'verdict' | 'reason'>,
  colors: Colors
): string {
  const told = (over: Over): Told => ({ ...over, trace: printable(over.trace) })
  return [
    ...describeTour(told(first), colors),
    ...(second === undefined ? [] : ['', ...describeLed(told(second), second.phases, colors), '']),
    describeVerdict(verdict, colors)
  ].join('\n')
}

/** From the first process to the last. */
async function tour(
  plan: ClusterPlan,
  use: ClusterUse,
  folder: ClusterFolder,
  output: Output,
  interrupted: AbortSignal
): Promise<{
  judgement: Judgement
  phases: readonly Phase[]
  events: readonly HistoryEvent[]
}> {
  // The processes die with this one even if they are not told to; see member.ts.
  const group = new Cluster(plan, use, folder, {
    fault: (by, { process, kind, certainty, detail }) => {
      output.event({ event: 'fault', by, process, kind, certainty, detail })
      progress.say(`member ${by} saw ${kind} by member ${process}, ${certainty}: ${oneLine(detail)}`)
    },
    failed: (member, cause) => {
      output.event({ event: 'failed', member, cause })
      progress.say(output.colors.red(`member ${member} ended: ${oneLine(cause)}`))
    }
  })
  const progress: Progress = showProgress(group, output, use)
  try {
    introduce(plan, output, progress)
    await started(group, interrupted)
    output.event({ event: 'ready', pids: group.pids })
    progress.say('every member is up, and connected to a quorum')
    const tour = await runTour(group, use, tourEvents(plan, output, progress), interrupted)
    refuseInterrupted(interrupted)
    if (!tour.settled)
      progress.say(
        `not settled, and nothing came about for ${TOUR_QUIET_MS_MAX / 1000} seconds: judged as it is`
      )
    await group.close()
    const judgement = judge(plan, group.recorder, group.tally, tour, group.founded)
    return { judgement, phases: tour.phases ?? [], events: group.recorder.events }
  } finally {
    await group.close()
    progress.stop()
  }
}

function introduce(plan: ClusterPlan, output: Output, progress: Progress): void {
  const { members, f, stack, byzantine, behaviour, chunks, input } = plan
  output.event({
    event: 'starting',
    members,
    faults: f,
    byzantine,
    behaviour: behaviour?.name ?? null,
    stack: stack.name,
    broadcasts: chunks.length
  })
  const who =
    behaviour === undefined
      ? 'none Byzantine'
      : `member ${byzantine.join(' and ')} Byzantine (${behaviour.name})`
  progress.say(`${output.colors.bold(stack.name)}: ${members} processes, f = ${f}, ${who}`)
  progress.say(
    chunks.length > 0
      ? `each broadcasts ${input.length} bytes in ${chunks.length} parts`
      : 'applications ask for what the laboratory draws'
  )
}

function tourEvents(plan: ClusterPlan, output: Output, progress: Progress): TourEvents {
  const { chunks } = plan
  const isQuarter = (done: number, of: number) =>
    [1, 2, 3, 4].some((quarter) => Math.ceil((quarter * of) / 4) === done)
  return {
    asked(done, of) {
      if (!isQuarter(done, of)) return
      output.event({ event: chunks.length > 0 ? 'broadcast' : 'asked', done, of })
      progress.say(
        chunks.length > 0
          ? `${done} of ${of} broadcasts made by every correct member`
          : `${done} of ${of} requests were made`
      )
    },
    killed(member: number) {
      output.event({ event: 'killed', member })
      progress.say(output.colors.red(`member ${member} killed (SIGKILL)`))
    },
    restarted(member: number) {
      output.event({ event: 'restarted', member })
      progress.say(`member ${member} is back with its data folder`)
    },
    settling() {
      progress.say(
        chunks.length > 0
          ? 'all broadcasts are made: waiting for the last deliveries'
          : 'all was asked for: waiting for what is under way'
      )
    },
    registers() {
      output.event({ event: 'registers' })
      progress.say('now a client writes a register, while others read it')
    },
    phase(phase) {
      output.event({ event: 'phase', ...phase })
      progress.say(describePhase(phase))
    },
    phaseOver(phase) {
      output.event({ event: 'phase-over', ...phaseValue(plan, phase) })
      for (const line of describeStandings(phase, ledOf(plan).words)) progress.say(line)
    }
  }
}

/** Beside the stores if they stay, else where temporary files go. */
function tracePath(data: string | undefined): string {
  if (data !== undefined) return join(data, 'trace.jsonl')
  return newTracePath()
}

async function started(group: Cluster, interrupted: AbortSignal): Promise<void> {
  const progress = watchProgress(() => group.startingQuietMs, START_QUIET_MS_MAX)
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const signal = AbortSignal.any([interrupted, progress.signal])
  signal.addEventListener('abort', () => resolve(), { once: true })
  try {
    await Promise.race([group.start(), over])
  } finally {
    progress.release()
  }
  refuseInterrupted(interrupted)
  if (progress.signal.aborted) {
    const seconds = START_QUIET_MS_MAX / 1000
    throw new OperationError(`the members did not all start: none came any further for ${seconds} seconds`)
  }
}

function refuseInterrupted(interrupted: AbortSignal): void {
  interrupted.throwIfAborted()
}
