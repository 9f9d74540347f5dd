/** One operation of a client on a running group: what `read` and `write` have in common. */
import type { Command } from 'commander'
import type { Register } from '../../libp2p/register-service.ts'
import { integer } from '../command.ts'
import { OperationError } from '../errors.ts'
import { watchStopSignals } from '../member/stop-signals.ts'
import { PASSPHRASE_VARIABLE, readPassphrase } from '../passphrase.ts'
import { publicKeyNamed, readClientIdentity } from './client-identity.ts'
import { HistoryRecorder, type RecordedOperation } from './history-recorder.ts'

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
      '--writer <name...>',
      'who may write the register: client:0, a peer id or a public key; several share it; without it, this client'
    )
    .option(
      '--timeout <ms>',
      'give up after so many milliseconds',
      integer(1, TIMEOUT_MS_MAX),
      DEFAULT_TIMEOUT_MS
    )
    .option('--history <file>', 'append what was asked and answered, for check')
}

export interface ClientRun {
  readonly register: Register
  readonly history: HistoryRecorder | undefined
  readonly signal: AbortSignal
}

/** Starts the client, runs `perform` and stops it. @throws {OperationError} if the operation failed */
export async function runClient<T>(
  name: string,
  options: ClientOptions,
  env: NodeJS.ProcessEnv,
  perform: (run: ClientRun) => Promise<T>
): Promise<T> {
  const { group, key, data } = options
  const passphrase = await readPassphrase(options.passphraseFile, env)
  const { groupFile, seed, publicKey } = await readClientIdentity({ group, key, passphrase })
  const writers = options.writer?.map((writer) => publicKeyNamed(groupFile, writer))
  const process = `client:${groupFile.clients.findIndex((client) => Buffer.compare(client, publicKey) === 0)}`
  const history = options.history === undefined ? undefined : HistoryRecorder.toFile(process, options.history)
  // libp2p takes longer to load than most other commands take to run.
  const { createClient } = await import('../../libp2p/byzantine-client.ts')
  const signals = watchStopSignals()
  try {
    const node = await createClient({ group: groupFile, key: seed, ...(data === undefined ? {} : { data }) })
    try {
      const register = node.services.byzantine.register(name, writers === undefined ? {} : { writers })
      return await perform({ register, history, signal: signals.signal })
    } finally {
      await Promise.race([
        node.stop(),
        new Promise((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref())
      ])
    }
  } finally {
    signals.release()
  }
}

/** Records what became of the operation. @throws {OperationError} in one line, definite or not */
export async function recorded<T>(
  operation: RecordedOperation | undefined,
  perform: () => Promise<T>,
  answer: (result: T) => string | null | undefined
): Promise<T> {
  try {
    const result = await perform()
    operation?.ok(answer(result))
    return result
  } catch (error) {
    const definite = error instanceof Error && 'definite' in error && error.definite === true
    if (definite) operation?.fail()
    else operation?.info()
    if (error instanceof Error && error.name === 'InvalidParametersError') throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError(
      definite ? `${why}; it took no effect` : `${why}; it may take effect all the same`
    )
  }
}
