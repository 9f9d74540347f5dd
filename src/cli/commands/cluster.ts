/** `byzkit cluster`: a group of real processes on this machine, some of them Byzantine, and a verdict. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { DEFAULT_STACK } from '../../libp2p/service.ts'
import { Cluster, within } from '../cluster/cluster.ts'
import { type ClusterFolder, makeClusterFolder } from '../cluster/folder.ts'
import { type Judgement, judge } from '../cluster/judgement.ts'
import {
  CLUSTER_INPUT_BYTES_MAX,
  CLUSTER_MEMBERS_MAX,
  type ClusterOptions,
  type ClusterPlan,
  DEFAULT_BEHAVIOUR,
  planCluster
} from '../cluster/plan.ts'
import { type Progress, showProgress } from '../cluster/progress.ts'
import { describeCluster } from '../cluster/table.ts'
import { runTour, TOUR_TIMEOUT_MS } from '../cluster/tour.ts'
import { clusterTrace } from '../cluster/trace-lines.ts'
import { action, type Invocation, integer, type Run } from '../command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, OperationError } from '../errors.ts'
import { watchStopSignals } from '../member/stop-signals.ts'
import { type Output, oneLine, printable } from '../output.ts'
import { fileError } from '../read-file.ts'

interface Options extends ClusterOptions {
  readonly data?: string
}

/** To start all processes and connect them. */
const START_TIMEOUT_MS = 30_000

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
    .option('--behaviour <name>', `what those do (default: ${DEFAULT_BEHAVIOUR})`)
    .option(
      '--input <file>',
      `what every member broadcasts, at most ${CLUSTER_INPUT_BYTES_MAX} bytes (default: a text)`
    )
    .option('--stack <name>', 'the protocol', DEFAULT_STACK)
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
    const { judgement, trace } = await tour(plan, folder, options, output, stopSignals.signal)
    const { byzantine, members, f, behaviour, stack } = plan
    const { violations, ...rest } = judgement
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1))
    const names = { members, faults: f, byzantine: byzantine.length, behaviour: behaviour?.name ?? null }
    output.result(
      { ...rest, ...names, stack: stack.name, violations, trace, seconds },
      `${describeCluster(plan, judgement, printable(trace), output.colors)}, in ${seconds} seconds`
    )
    return judgement.verdict === 'ok' ? EXIT_OK : EXIT_FAILED
  } finally {
    stopSignals.release()
    await folder.tidy()
  }
}

/** From the first process to the last, and the trace. */
async function tour(
  plan: ClusterPlan,
  folder: ClusterFolder,
  options: Options,
  output: Output,
  interrupted: AbortSignal
): Promise<{ judgement: Judgement; trace: string }> {
  // The processes die with this one even if they are not told to; see member.ts.
  const group = new Cluster(plan, folder, {
    fault: (by, { process, kind, certainty, detail }) => {
      output.event({ event: 'fault', by, process, kind, certainty, detail })
      progress.say(`member ${by} saw ${kind} by member ${process}, ${certainty}: ${oneLine(detail)}`)
    },
    failed: (member, cause) => {
      output.event({ event: 'failed', member, cause })
      progress.say(output.colors.red(`member ${member} ended: ${oneLine(cause)}`))
    }
  })
  const progress: Progress = showProgress(group, output)
  try {
    introduce(plan, output, progress)
    await within(
      START_TIMEOUT_MS,
      'the members did not all start',
      unlessInterrupted(group.start(), interrupted)
    )
    output.event({ event: 'ready', pids: group.pids })
    progress.say('every member is up, and connected to a quorum')
    const toured = await runTour(group, tourEvents(plan, output, progress), interrupted)
    refuseInterrupted(interrupted)
    if (!toured.settled) progress.say(`not settled within ${TOUR_TIMEOUT_MS / 1000} seconds: judged as it is`)
    await group.close()
    const judgement = judge(plan, group.recorder, group.tally, toured)
    const trace = tracePath(options.data)
    await writeFile(trace, clusterTrace(plan, group.recorder.events, judgement), { mode: 0o600 }).catch(
      (error) => {
        throw fileError(trace, 'cannot be written', error)
      }
    )
    return { judgement, trace }
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
  progress.say(`each broadcasts ${input.length} bytes in ${chunks.length} parts`)
}

function tourEvents({ chunks }: ClusterPlan, output: Output, progress: Progress) {
  const quarters = new Set([1, 2, 3, 4].map((quarter) => Math.ceil((quarter * chunks.length) / 4)))
  return {
    chunk(done: number) {
      if (!quarters.has(done)) return
      output.event({ event: 'broadcast', done, of: chunks.length })
      progress.say(`${done} of ${chunks.length} broadcasts made by every correct member`)
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
      progress.say('all broadcasts are made: waiting for the last deliveries')
    },
    registers() {
      output.event({ event: 'registers' })
      progress.say('now a client writes a register, while others read it')
    }
  }
}

/** Beside the stores if they stay, else where temporary files go. */
function tracePath(data: string | undefined): string {
  if (data !== undefined) return join(data, 'trace.jsonl')
  return join(tmpdir(), `byzkit-cluster-${randomBytes(4).toString('hex')}.jsonl`)
}

async function unlessInterrupted(promise: Promise<void>, interrupted: AbortSignal): Promise<void> {
  const { promise: interruption, resolve } = Promise.withResolvers<void>()
  interrupted.addEventListener('abort', () => resolve(), { once: true })
  await Promise.race([promise, interruption])
  refuseInterrupted(interrupted)
}

function refuseInterrupted(interrupted: AbortSignal): void {
  if (interrupted.aborted) throw new OperationError('interrupted')
}
