// Imports every sub-path that the installed package exports, as Node does for anybody.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(
  readFileSync(new URL('node_modules/byzkit/package.json', import.meta.url), 'utf8')
)

for (const path of Object.keys(manifest.exports)) {
  if (path.endsWith('.json')) continue
  const specifier = `byzkit${path.slice(1)}`
  if (path === './fast-check') {
    // Its peer is optional, and not installed here.
    const error = await import(specifier).catch((cause) => cause)
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes("'fast-check'")) throw error
    continue
  }
  const names = Object.keys(await import(specifier))
  if (names.length === 0) throw new Error(`${specifier} exports nothing`)
  console.log(`${specifier}: ${names.length} names`)
}

// The thread of the watchdog is a file of its own, and is there: what does not return is told of.
const hangs =
  "const { watchdog } = await import('byzkit/watchdog'); watchdog({ hangsAfterMs: 500 }).applying('this'); for (;;) {}"
const child = spawn(process.execPath, ['--input-type=module', '--eval', hangs], {
  stdio: ['ignore', 'inherit', 'pipe'],
  timeout: 60_000,
  killSignal: 'SIGKILL'
})
let said = ''
for await (const text of child.stderr.setEncoding('utf8')) {
  said += text
  if (said.includes('\n')) break
}
child.kill('SIGKILL')
if (!said.includes('has not returned for 0.5 s: this;')) throw new Error(`the watchdog says: ${said}`)
