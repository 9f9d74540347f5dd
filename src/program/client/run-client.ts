/** Runs a client of a group for one operation: what every command that speaks as a client has in common. */
import type { Command } from 'commander'
import type { ByzantineClientInit, ByzantineClientService } from '../../libp2p/client-service.ts'
import { integer } from '../command.ts'
import { OperationError } from '../errors.ts'
import { PASSPHRASE_VARIABLE, readPassphrase } from '../keys/passphrase.ts'
import { watchStopSignals } from '../stop-signals.ts'
import { type ClientIdentity, readClientIdentity } from './client-identity.ts'
import { reachedText } from './reached.ts'

const TIMEOUT_MS_MAX = 24 * 3600 * 1000
const DEFAULT_TIMEOUT_MS = 30_000

/** `node.stop()` may hang on open streams; what had to be durable is. */
const STOP_TIMEOUT_MS = 2000

export interface ClientOptions {
  readonly group: string
  readonly key: string
  readonly passphraseFile?: string
  readonly timeout: number
}

/** The options of every command that speaks as a client. */
export function clientOptions(command: Command): Command {
  return command
    .requiredOption('--group <file>', 'group.json')
    .requiredOption('--key <file>', "the client's private key")
    .option('--passphrase-file <file>', `of a protected key; or set ${PASSPHRASE_VARIABLE}`)
    .option(
      '--timeout <ms>',
      'give up after so many milliseconds',
      integer(1, TIMEOUT_MS_MAX),
      DEFAULT_TIMEOUT_MS
    )
}

/** Who speaks. @throws {UsageError} and other errors of wrong usage, each in one line */
export async function clientOf(options: ClientOptions, env: NodeJS.ProcessEnv): Promise<ClientIdentity> {
  const { group, key, passphraseFile } = options
  const passphrase = await readPassphrase(passphraseFile, env)
  return readClientIdentity({ group, key, passphrase })
}

/** A client that runs. */
export interface ClientRun {
  readonly service: ByzantineClientService
  readonly options: { readonly signal: AbortSignal; readonly timeout: number }
  /** Which members were reached, by now. */
  reached(): string
}

/**
 * Starts the client, runs `perform` and stops it.
 * @throws {UsageError}, or {OperationError} if the operation failed
 */
export async function runClient<T>(
  { groupFile, seed }: ClientIdentity,
  { timeout }: ClientOptions,
  init: Pick<ByzantineClientInit, 'data' | 'durability' | 'stack'>,
  perform: (run: ClientRun) => Promise<T>
): Promise<T> {
  // libp2p takes longer to load than most other commands take to run.
  const { createClient } = await import('../../libp2p/byzantine-client.ts')
  const signals = watchStopSignals()
  try {
    const node = await createClient({ group: groupFile, key: seed, ...init })
    const service = node.services.byzantine
    try {
      return await perform({
        service,
        options: { signal: signals.signal, timeout },
        reached: () => reachedText(service.status())
      })
    } catch (error) {
      if (signals.received === undefined || !(error instanceof OperationError)) throw error
      throw signals.received.with(error.message)
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
