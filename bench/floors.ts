/** Prints the floors: `node bench/floors.ts [--json]`. */
import { type FloorOptions, runFloor } from '../src/bench/floors.ts'

const runs: ['net' | 'libp2p', FloorOptions][] = [
  ['net', { messageBytes: 256, perSend: 1, messages: 200_000 }],
  ['net', { messageBytes: 256, perSend: 8, messages: 800_000 }],
  ['net', { messageBytes: 256, perSend: 64, messages: 3_000_000 }],
  ['libp2p', { messageBytes: 256, perSend: 1, messages: 30_000 }],
  ['libp2p', { messageBytes: 256, perSend: 8, messages: 100_000 }],
  ['libp2p', { messageBytes: 256, perSend: 64, messages: 500_000 }]
]

for (const [kind, options] of runs) {
  const floor = await runFloor(kind, options)
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ kind, ...options, ...floor }))
    continue
  }
  const { cpuMicrosecondsPerMessage, messagesPerSecond, roundTripP50Ms } = floor
  console.log(
    `${kind.padEnd(6)} ${options.messageBytes} bytes, ${String(options.perSend).padStart(2)} a send:`,
    `${cpuMicrosecondsPerMessage.toFixed(2).padStart(6)} us CPU a message,`,
    `${Math.round(messagesPerSecond).toLocaleString('en').padStart(9)} a second,`,
    `round trip p50 ${roundTripP50Ms.toFixed(3)} ms`
  )
}
