/** Whose registers, or keys, a command speaks of, and the history in which it records what it does with them. */
import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { UsageError } from '../errors.ts'
import { printable } from '../output.ts'
import { type ClientIdentity, nameOf, publicKeyNamed } from './client-identity.ts'
import { HistoryRecorder } from './history-recorder.ts'

export interface OwnerOptions {
  readonly writer?: readonly string[]
  readonly history?: string
}

/** @param what - as "the register" */
export function ownerOptions(command: Command, what: string): Command {
  return command.option(
    '--writer <name>',
    `who may write ${what}: client:0, member:0, a peer id or a public key; once for each if several share it; without it, this client`,
    (name: string, before: readonly string[] = []) => [...before, name]
  )
}

export function historyOption(command: Command): Command {
  return command.option('--history <file>', 'append what was asked and answered, for check')
}

export interface Owner {
  readonly writers: readonly Uint8Array[]
  /** As `client:0+member:1`, in the order of the names. */
  readonly name: string
}

/**
 * @param written - what is to be written, which only a writer may
 * @throws {UsageError}
 */
export function ownerOf(
  { groupFile, publicKey }: ClientIdentity,
  { writer = [] }: OwnerOptions,
  written?: string
): Owner {
  const named = writer.map((name) => publicKeyNamed(groupFile, name))
  const writers = named.length === 0 ? [publicKey] : named
  const self = nameOf(groupFile, publicKey)
  const names = writers.map((key) => nameOf(groupFile, key)).sort()
  if (written !== undefined && !names.includes(self))
    throw new UsageError(`${self} may not write ${printable(written)}: its writers are ${names.join(', ')}`)
  return { writers, name: names.join('+') }
}

/** @throws {UsageError} if the file cannot be appended to */
export function historyOf(
  { groupFile, publicKey }: ClientIdentity,
  { history }: OwnerOptions,
  owner: Owner,
  name: string
): HistoryRecorder | undefined {
  if (history === undefined) return
  // Each run is a process of its own in the history: whoever was killed never ends what it began.
  const life = `${nameOf(groupFile, publicKey)}/${randomBytes(4).toString('hex')}`
  return HistoryRecorder.toFile(life, `${owner.name}/${name}`, history)
}
