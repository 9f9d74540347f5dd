// `npm run test:load`: runs the tests beside eight busy loops, so that one that waits for a time, and not for what it
// wants, fails here and not some day. More words are given to Vitest: `npm run test:load -- test/links`.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BUSY_LOOPS = 8

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const busyLoop = fileURLToPath(new URL('busy-loop.js', import.meta.url))

for (let i = 0; i < BUSY_LOOPS; i++) {
  // However this process ends, the pipe is closed with it, and the loop ends.
  const loop = spawn(process.execPath, [busyLoop], { stdio: ['pipe', 'ignore', 'inherit'] })
  loop.once('exit', () => {
    console.error('under-load: a busy loop has ended before the tests: what follows is under less load')
    process.exitCode = 1
  })
  loop.unref()
}

const began = performance.now()
const tests = spawn(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' })
// Ctrl-C reaches the tests as it does this process, which ends when they have; who asks this process alone means both.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => tests.kill('SIGTERM'))
tests.once('exit', (status) => {
  console.log(`beside ${BUSY_LOOPS} busy loops: ${Math.round((performance.now() - began) / 1000)} s`)
  process.exit(status === 0 ? process.exitCode : (status ?? 1))
})
