/** A group of four members with three clients, for tests of what clients do. */
import { join } from 'node:path'
import { makeGroup, nodeWords, type RunningCommand, startByzkit } from './running.ts'
import { byzkit, byzkitJson, type Outcome, type RunOptions, temporaryFolder } from './support.ts'

export const CLIENTS = 3

export interface ClientGroup {
  readonly folder: string
  readonly members: readonly RunningCommand[]
  /** The words of a command of a client, with its key and, for the writer, its data folder. */
  words(command: 'read' | 'write', client: number, ...words: string[]): string[]
  /** Runs them. */
  run(command: 'read' | 'write', client: number, ...words: string[]): Promise<Outcome>
  /** Runs them with `--json`; they must succeed. */
  json(command: 'read' | 'write', client: number, ...words: string[]): ReturnType<typeof byzkitJson>
}

/** @param members - how many of the four run */
export async function startClientGroup(members = 4, options: RunOptions = {}): Promise<ClientGroup> {
  const folder = await temporaryFolder()
  await makeGroup(folder, 4, '--clients', String(CLIENTS))
  const running = Array.from({ length: members }, (_, rank) => startByzkit(...nodeWords(folder, rank)))
  await Promise.all(running.map((member) => member.event({ event: members < 3 ? 'started' : 'ready' })))
  const words = (command: 'read' | 'write', client: number, ...more: string[]): string[] => [
    command,
    ...['--group', join(folder, 'group.json'), '--key', join(folder, `client-${client}.pem`)],
    ...(command === 'write' ? ['--data', join(folder, `client-${client}`)] : []),
    ...more
  ]
  return {
    folder,
    members: running,
    words,
    run: (...of) => byzkit(words(...of), options),
    json: (...of) => byzkitJson(words(...of), options)
  }
}
