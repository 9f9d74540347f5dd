/** The busy loops of `npm run test:load` end with whoever started them, even where it gets no chance to end them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { isAlive } from '../cli/running.ts'

const BUSY_LOOP = fileURLToPath(new URL('../../scripts/busy-loop.js', import.meta.url))

const STARTS_ONE = `
  const { spawn } = require('node:child_process')
  const loop = spawn(process.execPath, [${JSON.stringify(BUSY_LOOP)}], { stdio: ['pipe', 'ignore', 'ignore'] })
  console.log(loop.pid)
`

test('a busy loop ends when its parent is killed', async () => {
  const parent = spawn(process.execPath, ['-e', STARTS_ONE], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [said] = await once(parent.stdout, 'data')
  const loop = Number(String(said))
  onTestFinished(() => {
    if (isAlive(loop)) process.kill(loop, 'SIGKILL')
  })
  expect(isAlive(loop)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(loop)).toBe(false)
})
