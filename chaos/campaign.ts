/** What both campaigns have in common: how one is run and told of, and what it comes to. */
import { setTimeout as pause } from 'node:timers/promises'
import { Cluster, type ClusterMake } from '../src/cluster/cluster.ts'
import { makeClusterFolder } from '../src/cluster/folder.ts'
import type { ClusterPlan } from '../src/cluster/plan.ts'

const TOLD_EVERY_MS = 1000

/** What a campaign has come to so far. */
export interface ChaosResult {
  /** In one line. */
  readonly sum: string
  /** Why what was seen must not be; undefined if it may. */
  readonly rejected: string | undefined
  /** What was to be seen and was not, without which nothing is shown. */
  readonly missing: readonly string[]
  /** What is shown if nothing is missing. */
  readonly shown: string
  /** All that was seen, as lines of a file. */
  readonly history: string
}

export type Tell = (sum: string) => void

/** A cluster in a folder of its own, for as long as it is used. */
export async function withCluster<T>(
  plan: ClusterPlan,
  make: ClusterMake,
  use: (cluster: Cluster) => Promise<T>
): Promise<T> {
  const folder = await makeClusterFolder(undefined)
  const cluster = new Cluster(plan, make, folder, {
    fault() {},
    failed: (member, cause) => console.error(`member ${member} failed: ${cause}`)
  })
  try {
    await cluster.start()
    return await use(cluster)
  } finally {
    await cluster.close()
    await folder.tidy()
  }
}

/** Tells now and then how far it is. */
export async function tellUntil(over: AbortSignal, line: () => void): Promise<void> {
  while (!over.aborted) {
    await pause(TOLD_EVERY_MS)
    line()
  }
}
