/** A machine that does not return is named by a thread, since its own cannot any more. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { InvalidParametersError, watchdog } from '../../src/watchdog.ts'
import { until } from '../waiting.ts'

/** What a program of the fixtures has said on its standard error when the first line of it is there, and before. */
const saidBy = (program: string) =>
  saidWith(fileURLToPath(new URL(`../fixtures/${program}.ts`, import.meta.url)))

async function saidWith(...words: string[]): Promise<{ readonly stderr: string; readonly stdout: string }> {
  const child = spawn(process.execPath, ['--conditions=byzkit-source', ...words], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { stderr: '', stdout: '' }
  for (const stream of ['stderr', 'stdout'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  await until('it is said', () => said.stderr.includes('\n'))
  return said
}

test('of a command that does not end, and of none that has ended, it is said which', async () => {
  const { stderr } = await saidBy('hangs-in-a-command')
  expect(stderr).toBe(
    'byzkit: the machine has not returned for 0.2 s: command 1 of batch 1, of client bb; this member does nothing else meanwhile\n'
  )
})

test('the thread begins whatever its program was started with', async () => {
  const path = new URL('../../src/watchdog.ts', import.meta.url).href
  const hangs = `const { watchdog } = await import('${path}'); watchdog({ hangsAfterMs: 100 }).applying('this'); for (;;) {}`
  const { stderr } = await saidWith('--input-type=module', '--eval', hangs)
  expect(stderr).toMatch(/^byzkit: the machine has not returned for 0\.1 s: this; /)
})

test('a program with a machine of its own that does not return is told so, although it can do nothing any more', async () => {
  const { stderr, stdout } = await saidBy('member-that-hangs')
  expect(stdout).toBe('answered 1\n')
  expect(stderr).toMatch(
    /^byzkit: the machine has not returned for 2 s: command \d of batch \d, of client [0-9a-f]{64}; this member does nothing else meanwhile\n$/
  )
})

test.each([0, 99, 3_600_001, Number.NaN, '200'])('hangsAfterMs: %s is refused', (hangsAfterMs) => {
  expect(() => watchdog({ hangsAfterMs: hangsAfterMs as number })).toThrow(InvalidParametersError)
})

test('it is closed while nothing is applied, and while something is', async () => {
  const one = watchdog()
  one.applying('a'.repeat(10_000))
  await one.close()
  await watchdog().close()
})
