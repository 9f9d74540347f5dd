/** A machine that does not return is named by a thread, since its own cannot any more. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { watchdog } from '../../src/program/member/watchdog.ts'
import { until } from '../waiting.ts'

test('of a command that does not end, and of none that has ended, it is said which', async () => {
  const path = fileURLToPath(new URL('../fixtures/hangs-in-a-command.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=byzkit-source', path], {
    stdio: ['ignore', 'ignore', 'pipe']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until('it is said', () => said.includes('\n'))
  expect(said).toBe(
    'byzkit: the machine has not returned for 0.2 s: command 1 of batch 1, of client bb; this member does nothing else meanwhile\n'
  )
})

test('it is closed while nothing is applied, and while something is', async () => {
  const one = watchdog()
  one.applying('a'.repeat(10_000))
  await one.close()
  await watchdog().close()
})
