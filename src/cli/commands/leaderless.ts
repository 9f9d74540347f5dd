/** `byzkit leaderless`: the leaderless key-value store that the members of a running group keep. */
import type { Command } from 'commander'
import { leaderlessStore } from '../../catalogue/leaderless-store.ts'
import { REPLICAS_MAX, STORED_VALUE_BYTES_MAX } from '../../leaderless/constants.ts'
import { leaderlessService } from '../../leaderless/service.ts'
import type { ServiceRequests } from '../../libp2p/offered-service.ts'
import { contextText, parseContext } from '../../program/client/context-text.ts'
import { textOf } from '../../program/client/history-recorder.ts'
import { type Effect, READS, recorded, WRITES_ONCE } from '../../program/client/recorded-operation.ts'
import {
  type ClientOptions,
  type ClientRun,
  clientOf,
  clientOptions,
  runClient
} from '../../program/client/run-client.ts'
import { inputOption, outputOption, readValue, writeNew } from '../../program/client/value.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus, OperationError } from '../../program/errors.ts'
import { requireNew } from '../../program/files/writable.ts'
import { type Colors, printable } from '../../program/output.ts'

interface Options extends ClientOptions {
  readonly quorum?: number
  readonly sloppy?: boolean
}

interface GetOptions extends Options {
  readonly output?: string
}

interface PutOptions extends Options {
  readonly context?: string
  readonly input?: string
}

interface DeleteOptions extends Options {
  readonly context: string
}

type LeaderlessRequests = ServiceRequests<typeof leaderlessService>
type Written = Awaited<ReturnType<LeaderlessRequests['put']>>

export function registerLeaderless(program: Command, run: Run): void {
  const store = program
    .command('leaderless')
    .description(
      `use the leaderless key-value store of a running group (node --stack ${leaderlessStore.name}), as a client; it survives crashes, and no liar`
    )
  const command = (name: string, description: string) =>
    clientOptions(store.command(name).description(description).argument('<key>', 'its name'))
      .option(
        '--quorum <n>',
        "how many of the key's replicas are waited for (default: a majority)",
        integer(1, REPLICAS_MAX)
      )
      .option('--sloppy', 'allow so few that a get may miss a put')
  const context = '--context <context>'
  outputOption(command('get', 'read a key: its value, or several that were put at the same time')).action(
    action<GetOptions>(run, get)
  )
  inputOption(
    command('put', 'write a key')
      .argument('[text]', 'what to write')
      .option(context, 'that of the get whose values it replaces; without one it replaces nothing'),
    STORED_VALUE_BYTES_MAX
  ).action(action<PutOptions>(run, put))
  command('delete', 'delete a key')
    .requiredOption(context, 'that of the get whose values are to be deleted')
    .action(action<DeleteOptions>(run, remove))
}

async function get({ operands, options, output, env }: Invocation<GetOptions>): Promise<ExitStatus> {
  const [key = ''] = operands
  const { output: file } = options
  if (file !== undefined) await requireNew(file)
  const { result, ms } = await operate(options, env, READS, (store, quorum, limits) =>
    store.get({ key, ...quorum }, limits)
  )
  const { values, deleted, consistency } = result
  const context = contextText(result.context)
  const [value] = values
  const isWritten = file !== undefined && value !== undefined && values.length === 1
  const texts = values.map(textOf)
  output.result(
    { key, values: texts, deleted, context, consistency, ms },
    describe(key, isWritten ? [`${printable(key)} is in ${printable(file)}`] : texts.map(printable), {
      deleted,
      seen: `context ${context}, ${consistency}`,
      colors: output.colors
    })
  )
  if (isWritten) await writeNew(file, value)
  else if (file !== undefined && values.length > 1)
    throw new OperationError(`${file} is not written: ${printable(key)} has ${values.length} values`)
  return EXIT_OK
}

function describe(
  key: string,
  texts: readonly string[],
  { deleted, seen, colors }: { deleted: boolean; seen: string; colors: Colors }
): string {
  const lines = [...texts]
  if (texts.length === 0) lines.push(`${printable(key)} ${deleted ? 'is deleted' : 'has no value'}`)
  else if (deleted) lines.push(colors.dim('and a delete, at the same time'))
  lines.push(colors.dim(seen))
  return lines.join('\n')
}

async function put({ operands, options, output, env }: Invocation<PutOptions>): Promise<ExitStatus> {
  const [key = '', text] = operands
  const value = await readValue('put', text, options.input, STORED_VALUE_BYTES_MAX)
  const context = options.context === undefined ? null : parseContext(options.context)
  const { result, ms } = await operate(options, env, WRITES_ONCE, (store, quorum, limits) =>
    store.put({ key, value, ...quorum, context }, limits)
  )
  const { consistency, conflict } = settled(result)
  const beside =
    conflict === true ? '; others stand beside it, which it has not replaced: get shows them' : ''
  output.result(
    { key, bytes: value.length, consistency, conflict, ms },
    `${printable(key)} is written (${consistency}): ${value.length} bytes${beside}`
  )
  return EXIT_OK
}

async function remove({ operands, options, output, env }: Invocation<DeleteOptions>): Promise<ExitStatus> {
  const [key = ''] = operands
  const context = parseContext(options.context)
  const { result, ms } = await operate(options, env, WRITES_ONCE, (store, quorum, limits) =>
    store.delete({ key, ...quorum, context }, limits)
  )
  const { consistency, conflict } = settled(result)
  const beside = conflict === true ? '; other values stand beside it: get shows them' : ''
  output.result({ key, consistency, conflict, ms }, `${printable(key)} is deleted (${consistency})${beside}`)
  return EXIT_OK
}

/** @throws {OperationError} if replicas refuse it */
function settled(written: Written): Written {
  if (written.written) return written
  throw new OperationError(`replicas refuse it: ${written.refusal}; it may have taken effect all the same`)
}

/** Performs one operation. `ms`: how long it took, with the start of the client. */
async function operate<T>(
  options: Options,
  env: NodeJS.ProcessEnv,
  effect: Effect,
  perform: (
    store: LeaderlessRequests,
    quorum: { readonly size: number | null; readonly sloppy: boolean },
    limits: ClientRun['options']
  ) => Promise<T>
): Promise<{ readonly result: T; readonly ms: number }> {
  const { quorum: size = null, sloppy = false } = options
  const started = performance.now()
  const client = await clientOf(options, env)
  // Nothing of it is stored here: an operation that was interrupted is not taken up again.
  const init = { stack: leaderlessStore, durability: 'memory' } as const
  const result = await runClient(client, options, init, ({ service, options: limits, reached }) => {
    const store = service.service(leaderlessService)
    return recorded({ reached, effect, perform: () => perform(store, { size, sloppy }, limits) })
  })
  return { result, ms: Math.round(performance.now() - started) }
}
