/**
 * The `byzkit` command: parses the command line, runs one command, and maps whatever ends it to an exit status and,
 * for an error, one line on standard error.
 */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { shortened } from '../core/parameters.ts'
import type { Register, Run, Surroundings } from '../program/command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, endingOf, UsageError } from '../program/errors.ts'
import { oneLine, printable } from '../program/output.ts'
import { commandsFor } from './commands/index.ts'

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
  if (surroundings === process) watchStandardOutput(run)
  try {
    // Who says nothing wants to know what can be said.
    const words = argv.length === 0 ? ['--help'] : argv
    await createProgram(await commandsFor(words), run).parseAsync(words, { from: 'user' })
    return run.status
  } catch (error) {
    return finish(error, run, argv)
  }
}

function createProgram(commands: readonly Register[], run: Run): Command {
  const program = new Command('byzkit')
    .description(
      'Broadcast, store and agree although up to f of n > 3f processes are controlled by an adversary.'
    )
    .version(packageVersion())
    // Errors are thrown, and written by finish() alone.
    .exitOverride()
    .configureOutput({ writeOut: (text) => run.stdout.write(text), writeErr: () => {} })
  for (const register of commands) register(program, run)
  for (const command of performing(program)) {
    command.option('--json', 'say it to machines: one JSON value a line, the last one the result')
  }
  return program
}

/** Those that do something: `store` only has others. */
function performing({ commands }: Command): readonly Command[] {
  return commands.flatMap((command) => (command.commands.length === 0 ? [command] : performing(command)))
}

function finish(error: unknown, run: Run, words: readonly string[]): ExitStatus {
  // --help and --version end that way too.
  if (error instanceof CommanderError && error.exitCode === EXIT_OK) return EXIT_OK
  const { status, line } = endingOf(foreseen(error, words))
  run.stderr.write(`byzkit: ${shortened(oneLine(line), ERROR_CHARACTERS_MAX)}\n`)
  if (run.env.BYZKIT_DEBUG && error instanceof Error) {
    for (const each of String(error.stack).split('\n')) run.stderr.write(`${printable(each)}\n`)
  }
  return status
}

/** Commander answers a missing command by writing its help, to nobody here. */
function foreseen(error: unknown, [group = '']: readonly string[]): unknown {
  if (!(error instanceof CommanderError) || error.code !== 'commander.help') return error
  const of = group.startsWith('-') || group === 'help' ? '' : `${group} `
  return new UsageError(`a command is missing; byzkit ${of}--help lists them`)
}

/** `byzkit ... | head` is no error; output that goes nowhere for another reason is one. */
function watchStandardOutput(run: Run): void {
  let unread = false
  // Often both lead to the same reader; and that standard error is gone can be said nowhere.
  process.stderr.on('error', () => {})
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      if (run.onUnread === undefined) process.exit(EXIT_OK)
      if (!unread) run.onUnread()
      unread = true
      return
    }
    process.stderr.write(`byzkit: standard output cannot be written: ${oneLine(error.message)}\n`)
    process.exit(EXIT_FAILED)
  })
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
