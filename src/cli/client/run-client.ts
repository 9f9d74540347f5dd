/** One operation of a client on a running group: what `read` and `write` have in common. */
import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import type { Register } from '../../libp2p/register-service.ts'
import { integer } from '../command.ts'
import { OperationError, UsageError } from '../errors.ts'
import { watchStopSignals } from '../member/stop-signals.ts'
import { printable } from '../output.ts'
import { PASSPHRASE_VARIABLE, readPassphrase } from '../passphrase.ts'
import { nameOf, publicKeyNamed, readClientIdentity } from './client-identity.ts'
import { HistoryRecorder, type RecordedOperation } from './history-recorder.ts'
import { operationErrorOf } from './operation-outcome.ts'

export const TIMEOUT_MS_MAX = 24 * 3600 * 1000
const DEFAULT_TIMEOUT_MS = 30_000

/** `node.stop()` may hang on open streams; what had to be durable is. */
const STOP_TIMEOUT_MS = 2000

export interface ClientOptions {
  readonly group: string
  readonly key: string
  readonly data?: string
  readonly passphraseFile?: string
  readonly writer?: readonly string[]
  readonly timeout: number
  readonly history?: string
}

/** The options of every command that speaks as a client. */
export function clientOptions(command: Command): Command {
  return command
    .requiredOption('--group <file>', 'group.json')
    .requiredOption('--key <file>', "the client's private key")
    .option('--passphrase-file <file>', `of a protected key; or set ${PASSPHRASE_VARIABLE}`)
    .option(
      '--writer <name>',
      'who may write the register: client:0, member:0, a peer id or a public key; once for each if several share it; without it, this client',
      (name: string, before: readonly string[] = []) => [...before, name]
    )
    .option(
      '--timeout <ms>',
      'give up after so many milliseconds',
      integer(1, TIMEOUT_MS_MAX),
      DEFAULT_TIMEOUT_MS
    )
    .option('--history <file>', 'append what was asked and answered, for check')
}

/** A register that a person named, and the client who asks for it. */
export interface ClientRun {
  readonly register: Register
  readonly history: HistoryRecorder | undefined
  readonly options: { readonly signal: AbortSignal; readonly timeoutMs: number }
}

/**
 * Starts the client, runs `perform` and stops it.
 * @param writes - whether it must be one of the writers
 * @throws {UsageError}, or {OperationError} if the operation failed
 */
export async function runClient<T>(
  name: string,
  options: ClientOptions,
  writes: boolean,
  env: NodeJS.ProcessEnv,
  perform: (run: ClientRun) => Promise<T>
): Promise<T> {
  const { group, key, data, timeout } = options
  const passphrase = await readPassphrase(options.passphraseFile, env)
  const { groupFile, seed, publicKey } = await readClientIdentity({ group, key, passphrase })
  const writers = (options.writer ?? []).map((writer) => publicKeyNamed(groupFile, writer))
  if (writers.length === 0) writers.push(publicKey)
  const self = nameOf(groupFile, publicKey)
  const owners = writers.map((writer) => nameOf(groupFile, writer)).sort()
  if (writes && !owners.includes(self))
    throw new UsageError(`${self} may not write ${printable(name)}: its writers are ${owners.join(', ')}`)
  // Each run is a process of its own in the history: whoever was killed never ends what it began.
  const life = `${self}/${randomBytes(4).toString('hex')}`
  const { history: file } = options
  const history =
    file === undefined ? undefined : HistoryRecorder.toFile(life, `${owners.join('+')}/${name}`, file)
  // libp2p takes longer to load than most other commands take to run.
  const { createClient } = await import('../../libp2p/byzantine-client.ts')
  const signals = watchStopSignals()
  try {
    const node = await createClient({ group: groupFile, key: seed, ...(data === undefined ? {} : { data }) })
    try {
      const register = node.services.byzantine.register(name, { writers })
      return await perform({ register, history, options: { signal: signals.signal, timeoutMs: timeout } })
    } finally {
      await stopClient(node)
    }
  } finally {
    signals.release()
  }
}

export async function stopClient(node: { stop(): unknown }): Promise<void> {
  await Promise.race([node.stop(), new Promise((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref())])
}

/** Records what became of a read. @throws {OperationError} in one line */
export function recordedRead<T>(
  operation: RecordedOperation | undefined,
  perform: () => Promise<T>,
  answer: (result: T) => string | null
): Promise<T> {
  return recorded(operation, perform, answer, () => '')
}

/** Records what became of a write. @throws {OperationError} in one line, which says whether it may take effect */
export function recordedWrite<T>(
  operation: RecordedOperation | undefined,
  perform: () => Promise<T>
): Promise<T> {
  const effect = (definite: boolean) =>
    definite
      ? '; it took no effect'
      : '; it may take effect all the same, now or with the next write from this data folder'
  return recorded(operation, perform, () => undefined, effect)
}

async function recorded<T>(
  operation: RecordedOperation | undefined,
  perform: () => Promise<T>,
  answer: (result: T) => string | null | undefined,
  effect: (definite: boolean) => string
): Promise<T> {
  let result: T
  try {
    result = await perform()
  } catch (error) {
    const { message, definite } = operationErrorOf(error)
    if (definite) operation?.fail()
    else operation?.info()
    throw new OperationError(`${message}${effect(definite)}`)
  }
  operation?.ok(answer(result))
  return result
}
