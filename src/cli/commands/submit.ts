/** `byzkit submit`: commands to the machine that the members of a running group replicate. */
import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { pbft } from '../../catalogue/pbft.ts'
import { utf8 } from '../../core/bytes.ts'
import type { ReplicatedMachine } from '../../libp2p/replica-service.ts'
import { nameOf } from '../../program/client/client-identity.ts'
import {
  HistoryRecorder,
  type RecordedName,
  type RecordedOperation,
  recordedTextOf,
  textOf
} from '../../program/client/history-recorder.ts'
import { historyOption, type OwnerOptions } from '../../program/client/owner.ts'
import { type Effect, READS, recorded, WRITES_ONCE } from '../../program/client/recorded-operation.ts'
import {
  type ClientOptions,
  type ClientRun,
  clientOf,
  clientOptions,
  runClient
} from '../../program/client/run-client.ts'
import { describeValue, inputOption, outputOption, readValue, writeNew } from '../../program/client/value.ts'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus, OperationError, UsageError } from '../../program/errors.ts'
import { requireNew } from '../../program/files/writable.ts'
import { printable } from '../../program/output.ts'
import { COMMAND_BYTES_MAX } from '../../replication/constants.ts'
import {
  type Condition,
  PAIR_VALUE_BYTES_MAX,
  type PairAnswer,
  type PairOperation,
  type PairResult,
  pairCommand,
  readPairResult
} from '../../replication/key-value-machine.ts'

interface Options extends ClientOptions, Pick<OwnerOptions, 'history'> {
  readonly input?: string
  readonly output?: string
}

interface SwapOptions extends Options {
  readonly expect?: string
  readonly absent?: boolean
}

interface ListOptions extends ClientOptions {
  readonly after?: string
}

export function registerSubmit(program: Command, run: Run): void {
  const submit = program
    .command('submit')
    .description(
      `submit a command to the machine that a running group replicates (node --stack ${pbft.name}), as a client`
    )
  const command = (name: string, description: string) =>
    clientOptions(submit.command(name).description(description))
  const keyed = (name: string, description: string) =>
    historyOption(command(name, description).argument('<key>', 'its name'))
  const valued = (name: string, description: string) =>
    inputOption(keyed(name, description).argument('[text]', 'what to write'), PAIR_VALUE_BYTES_MAX)
  outputOption(keyed('get', 'read a key')).action(action<Options>(run, get))
  valued('put', 'write a key').action(action<Options>(run, write('put')))
  valued('append', 'write behind what a key has').action(action<Options>(run, write('append')))
  keyed('delete', 'delete a key').action(action<Options>(run, remove))
  valued('cas', 'write a key if it has what is expected (compare and set)')
    .option('--expect <text>', 'what it must have')
    .option('--absent', 'it must have nothing')
    .action(action<SwapOptions>(run, swap))
  command('list', 'name the keys that are there, in the order of their bytes')
    .argument('[prefix]', 'only those that begin so')
    .option('--after <key>', 'only those beyond this one')
    .action(action<ListOptions>(run, list))
  outputOption(
    inputOption(
      command('raw', 'submit a command as it is, to whatever machine there is').argument(
        '[text]',
        'the command'
      ),
      COMMAND_BYTES_MAX
    )
  ).action(action<Options>(run, raw))
}

async function get({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [key = ''] = operands
  const { output: file } = options
  if (file !== undefined) await requireNew(file)
  const { answer, ms } = await one(options, env, key, { type: 'get', key: utf8(key) }, 'get')
  const { value } = answer
  const shown = file === undefined ? { value: value && textOf(value) } : { output: value && file }
  const text = value === null ? `${printable(key)} has no value` : describeValue(key, value, file)
  output.result({ key, ...shown, ms }, text)
  if (file !== undefined && value !== null) await writeNew(file, value)
  return EXIT_OK
}

const write =
  (type: 'put' | 'append') =>
  async ({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> => {
    const [key = '', text] = operands
    const value = await readValue(type, text, options.input, PAIR_VALUE_BYTES_MAX)
    const { ms } = await one(options, env, key, { type, key: utf8(key), value }, type, recordedTextOf(value))
    const done = type === 'put' ? 'written' : 'longer'
    output.result({ key, bytes: value.length, ms }, `${printable(key)} is ${done}: ${value.length} bytes`)
    return EXIT_OK
  }

async function remove({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [key = ''] = operands
  const { answer, ms } = await one(options, env, key, { type: 'delete', key: utf8(key) }, 'delete')
  const { done: deleted } = answer
  output.result({ key, deleted, ms }, `${printable(key)} ${deleted ? 'is deleted' : 'had no value'}`)
  return EXIT_OK
}

async function swap({ operands, options, output, env }: Invocation<SwapOptions>): Promise<ExitStatus> {
  const [key = '', text] = operands
  const { input, expect, absent = false } = options
  if ((expect === undefined) !== absent)
    throw new UsageError('cas needs --expect <text> or --absent, not both')
  const value = await readValue('cas', text, input, PAIR_VALUE_BYTES_MAX)
  const condition = { key: utf8(key), value: expect === undefined ? null : utf8(expect) }
  const asked = [expect ?? null, recordedTextOf(value)]
  const { result, ms } = await operate(options, env, WRITES_ONCE, {
    begin: (process) => recorderOf(process, options, key)?.begin('cas', asked),
    perform: async (machine, limits) =>
      pairs(machine, [{ type: 'put', key: utf8(key), value }], [condition], limits),
    told: ({ applied }, operation) => (applied ? operation?.ok() : operation?.fail())
  })
  const { applied: swapped, answers } = result
  const found = swapped ? undefined : answers[0]?.value
  const has = found ? printable(textOf(found)) : 'nothing'
  output.result(
    { key, swapped, ...(!swapped && { found: found ? textOf(found) : null }), ms },
    swapped
      ? `${printable(key)} is written: ${value.length} bytes`
      : `${printable(key)} has ${has}: not written`
  )
  return EXIT_OK
}

async function list({ operands, options, output, env }: Invocation<ListOptions>): Promise<ExitStatus> {
  const [prefix = ''] = operands
  const { after = '' } = options
  const { result, ms } = await operate(options, env, READS, {
    perform: (machine, limits) =>
      pairs(machine, [{ type: 'list', prefix: utf8(prefix), after: utf8(after) }], [], limits)
  })
  const { keys = [], done = true } = result.answers[0] ?? {}
  const names = keys.map(textOf)
  const next = done ? null : (names.at(-1) ?? null)
  const lines = names.map(printable)
  if (next !== null) lines.push(output.colors.dim(`(there are more: --after ${printable(next)})`))
  output.result({ keys: names, next, ms }, names.length === 0 ? 'there are no keys' : lines.join('\n'))
  return EXIT_OK
}

async function raw({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const { input, output: file } = options
  if (file !== undefined) await requireNew(file)
  const command = await readValue('raw', operands[0], input, COMMAND_BYTES_MAX)
  const { result, ms } = await operate(options, env, WRITES_ONCE, {
    perform: (machine, limits) => machine.submit(command, limits)
  })
  const shown = file === undefined ? { result: textOf(result) } : { output: file }
  output.result({ ...shown, bytes: result.length, ms }, describeValue('the result', result, file))
  if (file !== undefined) await writeNew(file, result)
  return EXIT_OK
}

/** One operation on one key. */
async function one(
  options: Options,
  env: NodeJS.ProcessEnv,
  key: string,
  operation: PairOperation,
  name: RecordedName,
  value?: string
): Promise<{ readonly answer: PairAnswer; readonly ms: number }> {
  const { result, ms } = await operate(options, env, name === 'get' ? READS : WRITES_ONCE, {
    begin: (process) => recorderOf(process, options, key)?.begin(name, value),
    perform: (machine, limits) => pairs(machine, [operation], [], limits),
    told: ({ answers: [answer] }, recordedOne) =>
      recordedOne?.ok(answer?.value ? recordedTextOf(answer.value) : null)
  })
  const [answer] = result.answers
  if (answer === undefined) throw new OperationError(NOT_KEY_VALUE)
  return { answer, ms }
}

const NOT_KEY_VALUE = 'the machine of this group is no key-value machine: submit raw speaks to any'

async function pairs(
  machine: ReplicatedMachine,
  operations: readonly PairOperation[],
  conditions: readonly Condition[],
  limits: ClientRun['options']
): Promise<PairResult> {
  const result = readPairResult(await machine.submit(pairCommand(operations, conditions), limits))
  if (result === undefined) throw new OperationError(NOT_KEY_VALUE)
  return result
}

/** Each run is a process of its own in the history: whoever was killed never ends what it began. */
const recorderOf = (process: string, { history }: Pick<OwnerOptions, 'history'>, key: string) =>
  history === undefined ? undefined : HistoryRecorder.toFile(process, key, history)

/** How long the end of a session is waited for. */
const CLOSE_TIMEOUT_MS = 5000

interface Submission<T> {
  begin?(process: string): RecordedOperation | undefined
  perform(machine: ReplicatedMachine, limits: ClientRun['options']): Promise<T>
  /** Says in the history what came of it. */
  told?(result: T, operation: RecordedOperation | undefined): void
}

/** Performs one operation. `ms`: how long it took, with the start of the client. */
async function operate<T>(
  options: ClientOptions,
  env: NodeJS.ProcessEnv,
  effect: Effect,
  { begin, perform, told }: Submission<T>
): Promise<{ readonly result: T; readonly ms: number }> {
  const started = performance.now()
  const client = await clientOf(options, env)
  const self = nameOf(client.groupFile, client.publicKey)
  const operation = begin?.(`${self}/${randomBytes(4).toString('hex')}`)
  // Its session is among what the members keep: nothing of it is stored here.
  const init = { stack: pbft, durability: 'memory' } as const
  return runClient(client, options, init, async ({ service, options: limits, reached }) => {
    const machine = service.replica()
    const result = await recorded({
      // What was refused before it was executed was not looked at: of a compare-and-set that is no observation.
      operation: operation && { ok: () => {}, fail: () => operation.info(), info: () => operation.info() },
      reached,
      effect,
      perform: () => perform(machine, limits)
    })
    told?.(result, operation)
    const ms = Math.round(performance.now() - started)
    // Members keep few sessions of keys that are none of theirs. If it fails, the command was executed all the same.
    await machine.close({ ...limits, timeout: CLOSE_TIMEOUT_MS }).catch(() => {})
    return { result, ms }
  })
}
