/** What a command is to the frame: it registers itself, and its action gives the exit status. */
import { type Command, InvalidArgumentError } from 'commander'
import type { ExitStatus } from './errors.ts'
import { createOutput, type Output, type TextStream } from './output.ts'

/** What a command may touch of the process it runs in. */
export interface Surroundings {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: NodeJS.ProcessEnv
}

/** One run of the `byzkit` command. */
export interface Run extends Surroundings {
  /** Set by the action of the command that was given. */
  status: ExitStatus
  /** Called when nobody reads the standard output any more. Without it, the process ends: it has nobody to serve. */
  onUnread?: () => void
}

/** Adds one command; each is a file in commands/, and a line in commands/index.ts. */
export type Register = (program: Command, run: Run) => void

export interface Invocation<O> {
  /** The operands, without the options. */
  readonly operands: readonly string[]
  readonly options: O
  readonly output: Output
  readonly env: NodeJS.ProcessEnv
  /** The command goes on when nobody reads its output; then it is told once. */
  goOnUnread(told: () => void): void
}

/** An action for commander. */
export function action<O>(run: Run, perform: (invocation: Invocation<O>) => Promise<ExitStatus>) {
  return async (...received: unknown[]): Promise<void> => {
    // Commander passes each operand, then the options, then the command, which has all of them.
    const command = received.at(-1) as Command
    const options = command.opts<O & { json?: boolean }>()
    const output = createOutput(run.stdout, run.env, options.json === true)
    const goOnUnread = (told: () => void) => {
      run.onUnread = told
    }
    run.status = await perform({ operands: command.args, options, output, env: run.env, goOnUnread })
  }
}

/** The parser of an option that is an integer in a range. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected an integer from ${min} to ${max}.`)
  }
}
