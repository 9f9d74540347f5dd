/**
 * A group of four members, each a process, with three clients: for tests of what clients do. Their commands run in the
 * process of the test, where libp2p is loaded once; those that are to be killed run in their own (`words`).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { makeGroup, nodeWords, type RunningCommand, startUntil } from './running.ts'
import { type Outcome, runHere } from './support.ts'

export interface ClientGroup {
  readonly folder: string
  readonly members: readonly RunningCommand[]
  /** The words of a command of a client, with its key and, for a writer, its data folder. */
  words(command: ClientCommand, client: number, ...words: string[]): string[]
  /** Runs them. */
  run(command: ClientCommand, client: number, ...words: string[]): Promise<Outcome>
  /** Runs them with `--json`; they must succeed. Gives the result. */
  json(command: ClientCommand, client: number, ...words: string[]): Promise<unknown>
}

type ClientCommand =
  | 'read'
  | 'write'
  | `store ${'get' | 'put' | 'delete' | 'list'}`
  | `leaderless ${'get' | 'put' | 'delete'}`
  | `submit ${'get' | 'put' | 'append' | 'delete' | 'cas' | 'list' | 'raw'}`

/** Those that keep in a data folder what they write. */
const WRITERS: ReadonlySet<ClientCommand> = new Set(['write', 'store put', 'store delete'])

/**
 * @param members - how many of the four run
 * @param over - is given what ends them
 * @param nodeOptions - of each member
 */
export async function startClientGroup(
  members = 4,
  over: (end: () => void) => void = onTestFinished,
  ...nodeOptions: string[]
): Promise<ClientGroup> {
  const folder = await mkdtemp(join(tmpdir(), 'byzkit-clients-'))
  over(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  await makeGroup(folder, 4, '--clients', '3')
  const ranks = Array.from({ length: members }, (_, rank) => rank)
  const running = ranks.map((rank) => startUntil(over, nodeWords(folder, rank, ...nodeOptions)))
  const event = members < 3 ? 'started' : 'ready'
  await Promise.all(running.map((member) => member.event({ event })))
  const words = (command: ClientCommand, client: number, ...more: string[]): string[] => [
    ...command.split(' '),
    ...['--group', join(folder, 'group.json'), '--key', join(folder, `client-${client}.pem`)],
    ...(WRITERS.has(command) ? ['--data', join(folder, `client-${client}`)] : []),
    ...more
  ]
  return {
    folder,
    members: running,
    words,
    run: (...of) => runHere(words(...of)),
    json: async (...of) => {
      const { status, stdout, stderr } = await runHere([...words(...of), '--json'])
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      return JSON.parse(stdout)
    }
  }
}
