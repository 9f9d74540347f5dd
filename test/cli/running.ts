/** A `byzkit` command that goes on running, with `--json`: what it says so far, and what it will say. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { freePort } from '../ports.ts'
import { BIN, type Outcome, runHere } from './support.ts'

export interface Event {
  readonly [name: string]: unknown
}

export interface RunningCommand {
  readonly pid: number
  /** All that it has said. */
  readonly events: readonly Event[]
  /** The first event that has all of these, as soon as there is one. */
  event(wanted: Event): Promise<Event>
  kill(signal: NodeJS.Signals): void
  readonly exited: Promise<Outcome>
}

export const startByzkit = (...words: string[]): RunningCommand => startUntil(onTestFinished, words)

/** @param over - is given what ends the command; called when the test, or a file of tests, is over */
export function startUntil(
  over: (end: () => void) => void,
  words: readonly string[],
  { cwd }: { readonly cwd?: string } = {}
): RunningCommand {
  const child = spawn(process.execPath, [BIN, ...words, '--json'], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  over(() => {
    child.kill('SIGKILL')
  })
  const events: Event[] = []
  const watchers = new Set<() => void>()
  let stdout = ''
  let stderr = ''
  let rest = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) events.push(JSON.parse(line))
    for (const watch of watchers) watch()
  })
  const exited = new Promise<Outcome>((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  )
  return {
    pid: child.pid ?? 0,
    events,
    exited,
    kill: (signal) => child.kill(signal),
    event: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.find((event) =>
            Object.entries(wanted).every(([name, value]) => event[name] === value)
          )
          if (found === undefined) return
          watchers.delete(look)
          resolve(found)
        }
        watchers.add(look)
        void exited.then((outcome) => reject(new Error(`it ended: ${JSON.stringify(outcome)}`)))
        look()
      })
  }
}

/** Makes a group of members on free ports of this machine, with its keys; ports follow one another. */
export async function makeGroup(folder: string, members: number, ...words: string[]): Promise<void> {
  const port = await freePort(members)
  const options = ['--members', String(members), '--port', String(port), '--out', folder]
  const { status, stderr } = await runHere(['keygen', ...options, ...words])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}

/** The words that start a member of a group that {@link makeGroup} made. */
export function nodeWords(folder: string, rank: number, ...words: string[]): string[] {
  const files = ['--group', join(folder, 'group.json'), '--key', join(folder, `member-${rank}.pem`)]
  return ['node', ...files, '--data', join(folder, `data-${rank}`), ...words]
}

/** Listens on a port of loopback, or on any free one, until the test is over; gives the port. */
export async function occupyPort(port = 0): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Whether there is such a process, other than one that only waits to be forgotten. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
