/** Outsiders without a key, in a process of their own: see test/fixtures/idle-strangers.ts. */
import { type ChildProcess, fork } from 'node:child_process'
import { onTestFinished } from 'vitest'

export interface Strangers {
  /** How many connections they opened, have open, and had cut by the member. */
  readonly seen: { readonly opened: number; readonly open: number; readonly cut: number }
  leave(): void
}

/** They keep `count` connections open to a port, and say nothing; or `words` of the handshake, and no more. */
export function startStrangers(
  port: number,
  count: number,
  { to = '127.0.0.1', from = '127.0.0.1', words = '' } = {}
): Strangers {
  const program = new URL('../fixtures/idle-strangers.ts', import.meta.url)
  const child: ChildProcess = fork(program, [to, String(port), String(count), from, words], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  const leave = () => void child.kill('SIGKILL')
  onTestFinished(leave)
  const strangers = { seen: { opened: 0, open: 0, cut: 0 }, leave }
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    const last = lines.at(-1)
    if (last !== undefined) strangers.seen = JSON.parse(last)
  })
  return strangers
}
