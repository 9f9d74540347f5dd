/** `byzkit store`: the signed key-value store that the members of a running group keep. */
import { type Command, Option } from 'commander'
import { BODY_BYTES_MAX } from '../../exchange/constants.ts'
import type { Store, ValueProgress } from '../../libp2p/store-service.ts'
import { type RecordedOperation, recordedTextOf, textOf } from '../../program/client/history-recorder.ts'
import {
  historyOf,
  historyOption,
  type OwnerOptions,
  ownerOf,
  ownerOptions
} from '../../program/client/owner.ts'
import { type Effect, READS, recorded, WRITES } from '../../program/client/recorded-operation.ts'
import {
  type ClientOptions,
  type ClientRun,
  clientOf,
  clientOptions,
  runClient
} from '../../program/client/run-client.ts'
import { describeValue, inputOption, outputOption, readValue, writeNew } from '../../program/client/value.ts'
import { action, type Invocation, integer, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus } from '../../program/errors.ts'
import { requireNew } from '../../program/files/writable.ts'
import { printable } from '../../program/output.ts'
import { howFar, type LiveLine, liveLine } from '../../program/progress.ts'
import { LIST_KEYS_MAX } from '../../registers/constants.ts'

interface Options extends ClientOptions, OwnerOptions {
  readonly data?: string
}

interface GetOptions extends Options {
  readonly consistency: 'atomic' | 'regular'
  readonly output?: string
}

interface PutOptions extends Options {
  readonly input?: string
}

interface ListOptions extends Options {
  readonly after?: string
  readonly limit: number
}

export function registerStore(program: Command, run: Run): void {
  const store = program
    .command('store')
    .description('use the signed key-value store of a running group, as a client')
  const command = (name: string, description: string) => {
    const made = store.command(name).description(description)
    return ownerOptions(clientOptions(made), 'the key')
  }
  const keyed = (name: string, description: string) =>
    historyOption(command(name, description).argument('<key>', 'its name'))
  outputOption(reader(keyed('get', 'read a key')))
    .addOption(
      new Option('--consistency <kind>', 'regular writes nothing back')
        .choices(['atomic', 'regular'])
        .default('atomic')
    )
    .action(action<GetOptions>(run, get))
  inputOption(writer(keyed('put', 'write a key').argument('[text]', 'what to write')), BODY_BYTES_MAX).action(
    action<PutOptions>(run, put)
  )
  writer(keyed('delete', 'delete a key')).action(action<Options>(run, remove))
  reader(command('list', 'name the keys that are there, in ascending order'))
    .option('--after <key>', 'only those beyond this one')
    .option('--limit <n>', 'at most so many', integer(1, LIST_KEYS_MAX), LIST_KEYS_MAX)
    .action(action<ListOptions>(run, list))
}

const reader = (command: Command) =>
  command.option('--data <dir>', "the client's own folder, if it writes too")

const writer = (command: Command) =>
  command.requiredOption(
    '--data <dir>',
    "the client's own folder: what it has written is there before it is sent, and a write that was interrupted is finished by the next one"
  )

async function get({ operands, options, output, env }: Invocation<GetOptions>): Promise<ExitStatus> {
  const [key = ''] = operands
  const { consistency, output: file } = options
  if (file !== undefined) await requireNew(file)
  const line = liveLine(output)
  const { result, ms } = await operate(options, env, {
    key,
    effect: READS,
    begin: (history) => history?.begin('get'),
    perform: (store, limits) => store.get(key, { consistency, ...limits, onProgress: shownOn(line) }),
    answer: ({ value }) => value && recordedTextOf(value)
  }).finally(() => line.clear())
  const { value, timestamp, deleted } = result
  const shown = file === undefined ? { value: value && textOf(value) } : { output: value && file }
  const none = `${printable(key)} ${deleted ? 'is deleted' : 'was never written'}`
  output.result(
    { key, ...shown, timestamp, deleted, consistency, ms },
    value === null ? none : describeValue(key, value, file)
  )
  if (file !== undefined && value !== null) await writeNew(file, value)
  return EXIT_OK
}

async function put({ operands, options, output, env }: Invocation<PutOptions>): Promise<ExitStatus> {
  const [key = '', text] = operands
  const value = await readValue('put', text, options.input, BODY_BYTES_MAX)
  const line = liveLine(output)
  const { result, ms } = await operate(options, env, {
    key,
    effect: WRITES,
    begin: (history) => history?.begin('put', recordedTextOf(value)),
    perform: (store, limits) => store.put(key, value, { ...limits, onProgress: shownOn(line) })
  }).finally(() => line.clear())
  const { timestamp } = result
  output.result(
    { key, bytes: value.length, timestamp, ms },
    `${printable(key)} is written (timestamp ${timestamp}): ${value.length} bytes, with a quorum of the members`
  )
  return EXIT_OK
}

async function remove({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [key = ''] = operands
  const { result, ms } = await operate(options, env, {
    key,
    effect: WRITES,
    begin: (history) => history?.begin('delete'),
    perform: (store, limits) => store.delete(key, limits)
  })
  const { timestamp } = result
  output.result({ key, timestamp, ms }, `${printable(key)} is deleted (timestamp ${timestamp})`)
  return EXIT_OK
}

async function list({ options, output, env }: Invocation<ListOptions>): Promise<ExitStatus> {
  const { after = null, limit } = options
  const { result, ms } = await operate(options, env, {
    effect: READS,
    perform: (store, limits) => store.list({ after, limit, ...limits })
  })
  const { keys, next } = result
  const lines = keys.map(({ key }) => printable(key))
  if (next !== null) lines.push(output.colors.dim(`(there are more: --after ${printable(next)})`))
  output.result({ keys, next, ms }, keys.length === 0 ? 'there are no keys' : lines.join('\n'))
  return EXIT_OK
}

/** How far a long value is, in the last line of a terminal. */
function shownOn(line: LiveLine): (event: ValueProgress) => void {
  const began = performance.now()
  return ({ detail: { bytes, total } }) => line.show(howFar('bytes', bytes, total, performance.now() - began))
}

interface StoreOperation<T> {
  /** Which key it is about, if it is about one. */
  readonly key?: string
  readonly effect: Effect
  begin?(history: ReturnType<typeof historyOf>): RecordedOperation | undefined
  perform(store: Store, limits: ClientRun['options']): Promise<T>
  answer?(result: T): string | null
}

/** Performs one operation. `ms`: how long it took, with the start of the client. */
async function operate<T>(
  options: Options,
  env: NodeJS.ProcessEnv,
  operation: StoreOperation<T>
): Promise<{ readonly result: T; readonly ms: number }> {
  const { key, effect, begin, perform, answer } = operation
  const { data } = options
  const started = performance.now()
  const client = await clientOf(options, env)
  const owner = ownerOf(client, options, effect === WRITES ? key : undefined)
  const history = key === undefined ? undefined : historyOf(client, options, owner, key)
  const init = data === undefined ? {} : { data }
  const result = await runClient(client, options, init, ({ service, options: limits, reached }) => {
    const store = service.store(owner)
    return recorded({
      operation: begin?.(history),
      reached,
      effect,
      perform: () => perform(store, limits),
      ...(answer && { answer })
    })
  })
  return { result, ms: Math.round(performance.now() - started) }
}
