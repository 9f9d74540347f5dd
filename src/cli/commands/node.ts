/** `byzkit node`: runs one member of a group. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Libp2p } from '@libp2p/interface'
import { type Command, Option } from 'commander'
import { broadcastService } from '../../broadcast/service.ts'
import { toHex } from '../../core/bytes.ts'
import type { ServiceDeclaration } from '../../core/service.ts'
import { type ByzantineService, DEFAULT_STACK } from '../../libp2p/service.ts'
import type { Authentication } from '../../links/authenticator.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, OperationError, UsageError } from '../../program/errors.ts'
import { PASSPHRASE_VARIABLE, readPassphrase } from '../../program/keys/passphrase.ts'
import { requireFreePorts } from '../../program/member/addresses.ts'
import {
  type MemberIdentity,
  readMemberIdentity,
  requireStackOption
} from '../../program/member/member-identity.ts'
import { createRecordingFile } from '../../program/member/recording-file.ts'
import { sayDeliveries, sayEvents, sayIndications } from '../../program/member/say-member.ts'
import { watchdog } from '../../program/member/watchdog.ts'
import { type Output, printable } from '../../program/output.ts'
import { aborted, watchStopSignals } from '../../program/stop-signals.ts'
import { requireResilience } from '../../stacks/stack.ts'
import { isMemberRunning } from '../control/client.ts'
import { openControlSocket } from '../control/server.ts'
import { listenForMetrics } from '../metrics.ts'

interface Options {
  readonly group: string
  readonly key: string
  readonly data?: string
  readonly passphraseFile?: string
  readonly stack: string
  readonly authenticator: Authentication
  readonly metrics?: number
  readonly record?: string
}

/** `node.stop()` may hang on open streams; by then all that must be durable is. */
const STOP_TIMEOUT_MS = 5000

export function registerNode(program: Command, run: Run): void {
  program
    .command('node')
    .description('run one member of a group, until it is told to stop (Ctrl-C)')
    .requiredOption('--group <file>', 'group.json, the same at every member')
    .requiredOption('--key <file>', "the member's private key")
    .option(
      '--data <dir>',
      'where it keeps what a crash must not make it forget; status and broadcast need it'
    )
    .option('--passphrase-file <file>', `of a protected key; or set ${PASSPHRASE_VARIABLE}`)
    .option('--stack <name>', 'the protocol, the same at every member', DEFAULT_STACK)
    .addOption(
      new Option('--authenticator <kind>', 'how links authenticate, the same at every member')
        .choices(['hmac', 'ed25519'])
        .default('hmac')
    )
    .option('--metrics <port>', 'serve counts to Prometheus on this port of loopback', integer(1, 65_535))
    .option('--record <file>', 'record its inputs in a new file, from which replay repeats what it did')
    .action(action<Options>(run, node))
}

async function node({ options, output, env, goOnUnread }: Invocation<Options>): Promise<ExitStatus> {
  const { group, key, data } = options
  // Others rely on it: whoever reads what it says is not whom it serves.
  const unread = new AbortController()
  goOnUnread(() => {
    unread.abort()
    process.stderr.write('byzkit: nobody reads the output any more; the member goes on\n')
  })
  const stack = requireStackOption(options.stack)
  const passphrase = await readPassphrase(options.passphraseFile, env)
  const identity = await readMemberIdentity({ group, key, passphrase })
  requireResilience(stack, identity.group.n, identity.group.f)
  if (data !== undefined && (await isMemberRunning(data)))
    throw new UsageError(`data folder ${data} is in use by another process`)
  await requireFreePorts(identity.addresses)

  // From here on there is something to undo.
  const metrics = options.metrics === undefined ? undefined : await listenForMetrics(options.metrics)
  const stopSignals = watchStopSignals()
  const undo: (() => Promise<unknown>)[] = [async () => metrics?.close()]
  try {
    const recording =
      options.record === undefined ? undefined : createRecordingFile(options.record, recordingEnded(output))
    undo.push(async () => recording?.close())
    const watching = 'machine' in stack ? watchdog() : undefined
    undo.push(async () => watching?.close())
    const running = await startNode(identity, options, recording?.write, watching?.applying)
    undo.push(() => stopInTime(running, output))
    const service = running.services.byzantine
    if (data !== undefined) {
      const control = await openControlSocket(data, service)
      undo.push(() => control.close())
    }
    await metrics?.serve(service)
    introduce(identity, service, options, output)
    return await serve(service, stack.services, output, stopSignals.signal, unread.signal)
  } finally {
    for (const step of undo.reverse()) await step()
    stopSignals.release()
  }
}

async function startNode(
  { groupFile, seed, addresses }: MemberIdentity,
  { data, stack, authenticator }: Options,
  record: ((line: string) => void) | undefined,
  applying: ((command: string | null) => void) | undefined
) {
  // libp2p takes longer to load than most other commands take to run.
  const { createNode } = await import('../../libp2p/create-node.ts')
  try {
    return await createNode({
      group: groupFile,
      key: seed,
      stack,
      authenticator,
      ...(data === undefined ? {} : { data }),
      ...(record === undefined ? {} : { record }),
      ...(applying === undefined ? {} : { applying })
    })
  } catch (error) {
    // Taken since it was looked at.
    if ((error as Error).name !== 'UnsupportedListenAddressesError') throw error
    throw new UsageError(`cannot listen on ${addresses.map(printable).join(', ')}`)
  }
}

/** Until it is told to stop, or cannot go on. */
async function serve(
  service: ByzantineService,
  offered: readonly ServiceDeclaration[],
  output: Output,
  stop: AbortSignal,
  unread: AbortSignal
): Promise<ExitStatus> {
  const ended = new AbortController()
  const signal = AbortSignal.any([stop, ended.signal])
  const causes: Error[] = []
  service.addEventListener('crash', ({ detail }) => {
    causes.push(detail)
    ended.abort()
  })
  sayEvents(service, output)
  const written = () => outputWritten(AbortSignal.any([signal, unread]))
  const telling = offered.map((declaration) =>
    declaration.name === broadcastService.name
      ? sayDeliveries(service, output, signal, written)
      : sayIndications(service, declaration, output, signal, written)
  )
  await Promise.all([...telling, aborted(signal)])
  const [cause] = causes
  if (cause !== undefined) throw new OperationError(`the member stopped: ${cause.message}`)
  return EXIT_OK
}

function introduce(
  { self, group, addresses }: MemberIdentity,
  service: ByzantineService,
  { data, stack, metrics, record }: Options,
  output: Output
): void {
  const { incarnation } = service
  const id = toHex(group.id)
  output.event({ event: 'started', self, group: id, stack, incarnation, addresses, data: data ?? null })
  const { bold, dim, yellow } = output.colors
  output.say(
    `${bold(`member ${self}`)} of ${group.n}, f = ${group.f}: ${stack}  ${dim(`group ${id.slice(0, 16)}..`)}`
  )
  output.say(`listening on ${addresses.map(printable).join(', ')}`)
  if (metrics !== undefined) output.say(`metrics on http://127.0.0.1:${metrics}/metrics`)
  if (record !== undefined) output.say(`recorded in ${printable(record)}`)
  if (data === undefined)
    output.say(
      yellow('no --data: what it votes is kept in memory, and starting it again is a fault (amnesia)')
    )
  else output.say(`data folder ${printable(data)}, life ${incarnation}`)
}

/** The member goes on: a full disk is to take away its recording only. */
function recordingEnded(output: Output): (error: Error) => void {
  return ({ message }) => {
    output.event({ event: 'recording-ended', reason: message })
    output.say(output.colors.yellow(`the recording ends here: ${printable(message)}`))
  }
}

/** Whoever reads the output slowly presses back on the deliveries, and in the end on the senders. */
async function outputWritten(signal: AbortSignal): Promise<void> {
  if (signal.aborted || !process.stdout.writableNeedDrain) return
  const drained = new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()))
  await Promise.race([drained, aborted(signal)])
}

async function stopInTime(running: Libp2p, output: Output): Promise<void> {
  const timeout = new AbortController()
  const stopped = await Promise.race([
    Promise.resolve(running.stop()).then(() => true),
    pause(STOP_TIMEOUT_MS, false, { signal: timeout.signal }).catch(() => false)
  ])
  timeout.abort()
  output.event({ event: 'stopped' })
  output.say('stopped')
  // What hangs would keep the process alive.
  if (!stopped) setTimeout(() => process.exit(EXIT_FAILED), 100).unref()
}
