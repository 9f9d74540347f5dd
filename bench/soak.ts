/**
 * The soak: very many broadcasts, and memory that does not grow with their number.
 * `npm run soak [-- --broadcasts 100000]`; exits 1 if a member holds more at the end than at half time.
 */
import { parseArgs } from 'node:util'
import { BroadcastGroup } from '../src/bench/broadcasts.ts'
import type { Usage } from '../src/bench/usage.ts'

const MEMBERS = 4
const ROUNDS = 20
const IN_FLIGHT = 64
const PAYLOAD_BYTES = 256
/** At the end at most so much of what it was at half time. */
const GROWTH_MAX = 1.1
/** So that every window was reported, and what was retained for others is let go of. */
const SETTLE_MS = 1000

const { values } = parseArgs({ options: { broadcasts: { type: 'string', default: '100000' } } })
const perSender = Math.ceil(Number(values.broadcasts) / (ROUNDS * MEMBERS))
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2)
/** What the heap holds, byte strings outside it included. */
const heldBytes = ({ heapBytes, externalBytes }: Usage): number => heapBytes + externalBytes

const began = performance.now()
const group = await BroadcastGroup.start(
  {
    members: MEMBERS,
    stack: 'double-echo',
    durability: 'memory',
    workload: { payloadBytes: PAYLOAD_BYTES, senders: MEMBERS }
  },
  { execArgv: ['--expose-gc'] }
)
let half: Usage[] = []
let end: Usage[] = []
try {
  for (let round = 1; round <= ROUNDS; round++) {
    const { perSecond, cpuMicroseconds } = await group.round(perSender, IN_FLIGHT / MEMBERS)
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    end = await group.collect()
    if (round === ROUNDS / 2) half = end
    console.log(
      `${(round * perSender * MEMBERS).toLocaleString('en').padStart(9)} broadcasts`,
      `${Math.round((performance.now() - began) / 1000)} s, ${Math.round(perSecond)} a second,`,
      `${Math.round(cpuMicroseconds)} us CPU each; MiB held by each member:`,
      end.map((usage) => mebibytes(heldBytes(usage))).join(' ')
    )
  }
} finally {
  await group.end()
}

const growth = end.map((usage, rank) => heldBytes(usage) / heldBytes(half[rank]!))
for (const [rank, factor] of growth.entries()) {
  const { rssBytes } = end[rank]!
  console.log(
    `member ${rank}: ${mebibytes(heldBytes(half[rank]!))} MiB at half time, ${mebibytes(heldBytes(end[rank]!))} MiB at`,
    `the end (x ${factor.toFixed(3)}), RSS ${mebibytes(rssBytes)} MiB`
  )
}
const ok = growth.every((factor) => factor <= GROWTH_MAX)
console.log(
  ok ? 'ok: memory does not grow with the number of broadcasts' : `grew by more than x ${GROWTH_MAX}`
)
process.exitCode = ok ? 0 : 1
