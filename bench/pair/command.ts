/** Runs a command to its end, and ends it when it is no longer wanted. */
import { spawn } from 'node:child_process'
import { OperationError } from '../../src/program/errors.ts'
import { oneLine } from '../../src/program/output.ts'

export interface CommandOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
  /** Whether the caller looks at the status itself. */
  readonly mayFail?: boolean
}

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** @throws {OperationError} if it fails, or was not wanted any more */
export function run(command: string, words: readonly string[], options: CommandOptions): Promise<Ended> {
  const { cwd, env = process.env, signal, mayFail = false } = options
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  if (signal?.aborted) {
    reject(new OperationError('interrupted'))
    return promise
  }
  const child = spawn(command, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (said[stream] += text))
  const stop = () => child.kill('SIGTERM')
  signal?.addEventListener('abort', stop)
  child.once('error', (error) => reject(new OperationError(`${command} cannot be run: ${error.message}`)))
  child.once('close', (status) => {
    signal?.removeEventListener('abort', stop)
    if (signal?.aborted) reject(new OperationError('interrupted'))
    else if (status === 0 || mayFail) resolve({ status, ...said })
    else {
      const why = oneLine(said.stderr).slice(-500)
      reject(new OperationError(`${command} ${words.join(' ')} failed (status ${status}): ${why}`))
    }
  })
  return promise
}
