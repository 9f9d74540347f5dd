/**
 * Runs a campaign on worker threads, in blocks of runs, and merges the outcomes in the order of the blocks: the
 * result is the same for any number of workers. A worker whose run does not end, or eats its memory, is ended, and
 * the run is named.
 */
import { Campaign, type CampaignResult } from '../../laboratory/campaign.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import type { RunConfig } from '../../laboratory/run-config.ts'
import { CampaignThread, type LostRunError } from './campaign-thread.ts'
import type { Task } from './tasks.ts'

const BLOCK_RUNS = 25

export interface CampaignPlan {
  readonly config: RunConfig
  /** Where the protocol is, if it is not one of ours. */
  readonly protocolFile: string | undefined
  readonly seed: number
  readonly runs: number
  readonly workers: number
  /** Milliseconds after which no new block begins. */
  readonly timeLimitMs: number
  /** Milliseconds after which a single run is taken for one that never ends. */
  readonly runLimitMs: number
  /** This job's part: the seeds of index `shard`, `shard + shards`, ... */
  readonly shard: number
  readonly shards: number
  /** Called after each block. */
  readonly onProgress: (runs: number, violatedRuns: number) => void
  /** Ends the campaign early, with what was found so far. */
  readonly signal: AbortSignal
}

type Block = Extract<Task, { kind: 'runs' | 'mutations' }>

export async function runCampaign(plan: CampaignPlan): Promise<CampaignResult> {
  const campaign = new Campaign(plan.config, plan.seed)
  const deadline = performance.now() + plan.timeLimitMs
  const finished = new Map<number, readonly RunOutcome[]>()
  let merged = 0
  let lost = false
  /** A run had to be given up: those that follow are no part of the outcome, however far other threads are. */
  let over = false
  const add = (outcomes: readonly RunOutcome[]) => {
    for (const outcome of outcomes) {
      if (over) return
      campaign.add(outcome)
      over = outcome.endless
    }
  }
  const merge = (index: number, outcomes: readonly RunOutcome[]) => {
    finished.set(index, outcomes)
    for (let next = finished.get(merged); next !== undefined; next = finished.get(merged)) {
      add(next)
      finished.delete(merged++)
    }
    plan.onProgress(campaign.runs, campaign.violatedRuns)
  }
  const ended = () => lost || over || plan.signal.aborted || performance.now() >= deadline
  const work = async (blocks: Iterator<Block, undefined>) => {
    const thread = new CampaignThread(plan.protocolFile, plan.runLimitMs)
    const stop = () => thread.cancel()
    plan.signal.addEventListener('abort', stop)
    try {
      for (let block = blocks.next().value; block !== undefined && !ended(); block = blocks.next().value) {
        const { index } = block
        const { outcomes, lost: cause } = await thread.outcomes(block)
        lost ||= cause !== undefined
        merge(index, cause === undefined ? outcomes : [...outcomes, lostRun(block, outcomes.length, cause)])
      }
    } finally {
      plan.signal.removeEventListener('abort', stop)
      await thread.end()
    }
  }
  const shares = plan.config.search === 'mutation' ? mutationShares(plan) : [makeBlocks(plan)]
  const workers = shares.length > 1 ? shares.length : plan.workers
  await Promise.all(
    Array.from({ length: workers }, (_, i) => work(shares[i % shares.length] as Iterator<Block, undefined>))
  )
  // What came after a run that was lost, in another thread.
  for (const index of [...finished.keys()].sort((a, b) => a - b)) {
    add(finished.get(index) ?? [])
  }
  return campaign.result()
}

function* makeBlocks({ config, seed, runs, shard, shards }: CampaignPlan): Generator<Block, undefined> {
  let seeds: number[] = []
  let index = 0
  for (let run = shard; run < runs; run += shards) {
    seeds.push(seed + run)
    if (seeds.length < BLOCK_RUNS) continue
    yield { kind: 'runs', index: index++, config, seeds }
    seeds = []
  }
  if (seeds.length > 0) yield { kind: 'runs', index, config, seeds }
  return undefined
}

/** A search by mutation learns from its own runs: each worker has one of its own, with seeds of its own. */
function mutationShares(plan: CampaignPlan): Iterator<Block, undefined>[] {
  const { config, seed, runs, workers, shard, shards } = plan
  const share = Math.ceil(runs / (workers * shards))
  return Array.from({ length: workers }, (_, worker) => {
    function* blocks(): Generator<Block, undefined> {
      const first = seed + (shard * workers + worker) * share
      for (let done = 0, round = 0; done < share; done += BLOCK_RUNS, round++) {
        const index = round * workers + worker
        yield { kind: 'mutations', index, config, seed: first, runs: Math.min(BLOCK_RUNS, share - done) }
      }
      return undefined
    }
    return blocks()
  })
}

function lostRun(block: Block, at: number, { property, message, lines }: LostRunError): RunOutcome {
  const seed = block.kind === 'runs' ? (block.seeds[at] ?? 0) : block.seed + at
  const detail = `the run with seed ${seed} ${message}`
  return {
    seed,
    messages: 0,
    digest: property,
    landmarks: [],
    overlapping: true,
    endless: false,
    violations: [{ property, detail, at: 0, ...(lines.length > 0 && { stack: lines }) }]
  }
}
