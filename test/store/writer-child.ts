/**
 * A process to be killed in the middle of writing: `writer-child.ts FOLDER FROM CHECKPOINT-BYTES`. It writes pairs of keys, one
 * pair a turn, and says on standard output which turns it was told are durable.
 */
import { writeSync } from 'node:fs'
import { Process } from '../../src/core/process.ts'
import { numericKey } from '../../src/core/store.ts'
import { openLevelStore } from '../../src/store/level-store.ts'
import { beginLife } from '../../src/store/life.ts'
import { stableStore } from '../../src/store/stable-store.ts'

const [folder = '', from = '0', checkpointBytes = ''] = process.argv.slice(2)

/** Turns that are under way together, so that a batch in flight is always being gathered behind. */
const TURNS_AHEAD = 8

const journalBytesMin = Number(checkpointBytes)
const open = await openLevelStore(
  folder,
  journalBytesMin === 0 ? undefined : { journalBytesMin, chunkBytes: journalBytesMin / 4 }
)
writeSync(1, `life ${await beginLife(open)}\n`)
const member = new Process({
  journal: open.journal,
  onStop: (cause) => {
    writeSync(1, `stopped ${cause.message}\n`)
    process.exit(3)
  }
})
const store = stableStore(member, open)

let next = Number(from)
function turn(): void {
  const number = next++
  member.input(() => {
    const value = new Uint8Array(1000).fill(number % 256)
    store.put(`left/${numericKey(number)}`, value)
    store.put(`right/${numericKey(number)}`, value)
    member.whenDurable(() => {
      writeSync(1, `durable ${number}\n`)
      setImmediate(turn)
    })
  })
}
for (let i = 0; i < TURNS_AHEAD; i++) turn()
