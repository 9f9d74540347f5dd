/** A worker thread of a campaign: takes blocks of seeds, gives outcomes. */
import { parentPort } from 'node:worker_threads'
import { run } from '../laboratory/campaign.ts'
import type { RunConfig } from '../laboratory/run-config.ts'

export interface Block {
  readonly index: number
  readonly config: RunConfig
  readonly seeds: readonly number[]
}

parentPort?.on('message', ({ index, config, seeds }: Block) => {
  parentPort?.postMessage({ index, outcomes: seeds.map((seed) => run(config, seed)) })
})
