/** The protocol of somebody's own that a file is said to be a run of. */
import { UsageError } from '../../program/errors.ts'
import { printable } from '../../program/output.ts'

export interface OwnProtocolFile {
  readonly name: string
  readonly file: string
}

/** @throws {UsageError} if the run at `path` is one of another protocol */
export function requireRunOf(own: OwnProtocolFile | undefined, path: string, protocol: string): void {
  if (own === undefined || own.name === protocol) return
  const { name, file } = own
  throw new UsageError(
    `--protocol ${printable(file)}: that is ${name}, and ${printable(path)} is a run of ${printable(protocol)}`
  )
}
