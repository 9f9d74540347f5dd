/**
 * Runs a campaign on worker threads, in blocks of seeds, and merges the outcomes in the order of the seeds: the
 * result is the same for any number of workers.
 */
import { Worker } from 'node:worker_threads'
import { Campaign, type CampaignResult, type RunOutcome } from '../laboratory/campaign.ts'
import type { RunConfig } from '../laboratory/run-config.ts'
import type { Block } from './campaign-worker.ts'

const BLOCK_RUNS = 25

export interface CampaignPlan {
  readonly config: RunConfig
  readonly seed: number
  readonly runs: number
  readonly workers: number
  /** Milliseconds after which no new block begins. */
  readonly timeLimitMs: number
  /** This job's part: the seeds of index `shard`, `shard + shards`, ... */
  readonly shard: number
  readonly shards: number
  /** Called after each block. */
  readonly onProgress: (runs: number, violatedRuns: number) => void
  /** Ends the campaign early, with what was found so far. */
  readonly signal: AbortSignal
}

export async function runCampaign(plan: CampaignPlan): Promise<CampaignResult> {
  const campaign = new Campaign(plan.config, plan.seed)
  const blocks = makeBlocks(plan)
  const deadline = performance.now() + plan.timeLimitMs
  const finished = new Map<number, readonly RunOutcome[]>()
  let merged = 0
  const merge = (index: number, outcomes: readonly RunOutcome[]) => {
    finished.set(index, outcomes)
    for (let next = finished.get(merged); next !== undefined; next = finished.get(merged)) {
      for (const outcome of next) campaign.add(outcome)
      finished.delete(merged++)
    }
    plan.onProgress(campaign.runs, campaign.violatedRuns)
  }
  const next = () => (plan.signal.aborted || performance.now() >= deadline ? undefined : blocks.next().value)
  await Promise.all(Array.from({ length: plan.workers }, () => work(next, merge)))
  return campaign.result()
}

function* makeBlocks({ config, seed, runs, shard, shards }: CampaignPlan): Generator<Block, undefined> {
  let seeds: number[] = []
  let index = 0
  for (let run = shard; run < runs; run += shards) {
    seeds.push(seed + run)
    if (seeds.length < BLOCK_RUNS) continue
    yield { index: index++, config, seeds }
    seeds = []
  }
  if (seeds.length > 0) yield { index, config, seeds }
  return undefined
}

/** One worker's share: block after block until there is none. */
function work(
  next: () => Block | undefined,
  merge: (index: number, outcomes: readonly RunOutcome[]) => void
): Promise<void> {
  return new Promise((resolve, reject) => {
    const first = next()
    if (first === undefined) {
      resolve()
      return
    }
    // Beside this file, with its extension: .js when built, .ts when run from source.
    const worker = new Worker(new URL(`./campaign-worker${import.meta.url.slice(-3)}`, import.meta.url))
    worker.on('message', ({ index, outcomes }: { index: number; outcomes: readonly RunOutcome[] }) => {
      merge(index, outcomes)
      const block = next()
      if (block === undefined) void worker.terminate().then(() => resolve())
      else worker.postMessage(block)
    })
    worker.on('error', reject)
    worker.postMessage(first)
  })
}
