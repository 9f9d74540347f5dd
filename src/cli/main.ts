/**
 * The `byzkit` command: parses the command line, runs one command, and maps whatever ends it to an exit status and,
 * for an error, one line on standard error.
 */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { shortened } from '../core/parameters.ts'
import type { Run, Surroundings } from './command.ts'
import { commands } from './commands/index.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, endingOf, UsageError } from './errors.ts'
import { oneLine, printable } from './output.ts'

/** Of the line that says why a command ended, whatever the values and paths that it quotes. */
const ERROR_CHARACTERS_MAX = 1000

/**
 * @param argv - the words after `byzkit`
 * @returns the exit status; it never throws
 */
export async function main(
  argv: readonly string[],
  surroundings: Surroundings = process
): Promise<ExitStatus> {
  const run: Run = {
    stdout: surroundings.stdout,
    stderr: surroundings.stderr,
    env: surroundings.env,
    status: EXIT_OK
  }
  if (surroundings === process) watchStandardOutput()
  try {
    await createProgram(run).parseAsync(argv, { from: 'user' })
    return run.status
  } catch (error) {
    return finish(error, run)
  }
}

function createProgram(run: Run): Command {
  const program = new Command('byzkit')
    .description(
      'Broadcast, store and agree although up to f of n > 3f processes are controlled by an adversary.'
    )
    .version(packageVersion())
    // Errors are thrown, and written by finish() alone.
    .exitOverride()
    .configureOutput({ writeOut: (text) => run.stdout.write(text), writeErr: () => {} })
  for (const register of commands) register(program, run)
  for (const command of program.commands) {
    command.option('--json', 'say it to machines: one JSON value a line, the last one the result')
  }
  return program
}

function finish(error: unknown, run: Run): ExitStatus {
  // --help and --version end that way too.
  if (error instanceof CommanderError && error.exitCode === EXIT_OK) return EXIT_OK
  const { status, line } = endingOf(foreseen(error))
  run.stderr.write(`byzkit: ${shortened(oneLine(line), ERROR_CHARACTERS_MAX)}\n`)
  if (run.env.BYZKIT_DEBUG && error instanceof Error) {
    for (const each of String(error.stack).split('\n')) run.stderr.write(`${printable(each)}\n`)
  }
  return status
}

/** Commander answers a missing command by writing its help, to nobody here. */
function foreseen(error: unknown): unknown {
  const noCommand = error instanceof CommanderError && error.code === 'commander.help'
  return noCommand ? new UsageError('a command is missing; byzkit --help lists them') : error
}

/** `byzkit ... | head` is no error; output that goes nowhere for another reason is one. */
function watchStandardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_OK)
    process.stderr.write(`byzkit: standard output cannot be written: ${oneLine(error.message)}\n`)
    process.exit(EXIT_FAILED)
  })
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
