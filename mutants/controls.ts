/**
 * The controls: the unchanged code passes every run in which a mutant was hunted. Mutants that were hunted in one
 * configuration have their runs in common, so each configuration is run once, as far as the longest hunt went.
 */
import type { Runs } from './hunt.ts'
import type { Job } from './worker.ts'

/** Runs of one child process. */
const BLOCK_RUNS = 250

export type ControlJob = Extract<Job, { kind: 'control' }>

export function controlsOf(hunted: readonly Runs[]): ControlJob[] {
  const longest = new Map<string, Runs>()
  for (const one of hunted) {
    const key = JSON.stringify(one.config)
    if ((longest.get(key)?.runs ?? 0) < one.runs) longest.set(key, one)
  }
  return [...longest.values()].flatMap(({ config, runs }) =>
    Array.from({ length: Math.ceil(runs / BLOCK_RUNS) }, (_, block) => ({
      kind: 'control' as const,
      config,
      from: 1 + block * BLOCK_RUNS,
      runs: Math.min(runs, (block + 1) * BLOCK_RUNS)
    }))
  )
}
