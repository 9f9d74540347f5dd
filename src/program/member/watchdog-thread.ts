/** The thread of watchdog.ts. */
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { COMMAND, LENGTH, type WatchdogData } from './watchdog.ts'

const { numbers, text, hangsAfterMs } = workerData as WatchdogData
const STANDARD_ERROR = 2
/** How often it looks; so much later at most it says what it sees. */
const LOOKS = 10

let seen = 0
let looks = 0
setInterval(() => {
  const command = Atomics.load(numbers, COMMAND)
  looks = command === seen ? looks + 1 : 0
  seen = command
  if (command === 0 || looks !== LOOKS) return
  const said = new TextDecoder().decode(text.slice(0, Atomics.load(numbers, LENGTH)))
  writeSync(
    STANDARD_ERROR,
    `byzkit: the machine has not returned for ${hangsAfterMs / 1000} s: ${said}; this member does nothing else meanwhile\n`
  )
}, hangsAfterMs / LOOKS)
