/** What ends a command early, and the exit status that each error means. This is the one place that maps them. */

export type ExitStatus = 0 | 1 | 2 | 129 | 130 | 143

/** Everything that was asked for was done, and every property held. */
export const EXIT_OK = 0
/** A property was violated, or an operation failed. */
export const EXIT_FAILED = 1
/** Wrong usage: of options, files, folders or keys. */
const EXIT_USAGE = 2

/** The command cannot be carried out as it was given; one line that says why. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** The command was right, but what it tried failed; one line that says why. */
export class OperationError extends Error {
  override name = 'OperationError'
}

/** A signal cut the command short. */
export class InterruptedError extends Error {
  override name = 'InterruptedError'
  readonly status: ExitStatus

  /** @param signal - as `SIGINT` */
  constructor(signal: string, status: ExitStatus) {
    super(`interrupted by ${signal}`)
    this.status = status
  }

  /** The same, which says what became of what was under way. */
  with(outcome: string): InterruptedError {
    const error = new InterruptedError('', this.status)
    error.message = `${this.message}: ${outcome}`
    return error
  }
}

/** Errors of other folders that say what was wrong with what the person gave us. */
const USAGE_ERRORS: ReadonlySet<string> = new Set([
  'UsageError',
  'CommanderError',
  'InvalidArgumentError',
  'InvalidParametersError',
  'ModelError',
  'ResilienceError',
  'UnknownNameError',
  'TraceFileError',
  'GroupFileError',
  'KeyFileError',
  'KeyFormatError',
  'StoreLockedError',
  'StoreFormatError',
  'StoreFolderError'
])

/** The command was right, but what it tried failed. */
const FAILURES: ReadonlySet<string> = new Set(['OperationError', 'StoreDamagedError', 'StoreWriteError'])

export interface Ending {
  readonly status: ExitStatus
  /** One line for standard error. */
  readonly line: string
}

/** How a command that threw ends. An error that nobody foresaw is our bug: status 1, named as such. */
export function endingOf(error: unknown): Ending {
  if (error instanceof InterruptedError) return { status: error.status, line: error.message }
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (USAGE_ERRORS.has(name)) return { status: EXIT_USAGE, line: message.replace(/^error: /, '') }
  if (FAILURES.has(name)) return { status: EXIT_FAILED, line: message }
  return { status: EXIT_FAILED, line: `internal error: ${name}: ${message} (BYZKIT_DEBUG=1 shows where)` }
}
