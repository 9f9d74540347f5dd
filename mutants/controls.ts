/**
 * The controls: the unchanged code passes all in which a mutant was killed. Mutants that were hunted in one configuration
 * have their runs in common, so each configuration is run once, as far as the longest hunt went; so is each table.
 */
import type { Killed, Runs } from './hunt.ts'
import type { RunConfig } from './laboratory.ts'
import type { ControlJob, RanControl } from './worker.ts'

/** Runs of one child process. */
const BLOCK_RUNS = 250

export function controlsOf(kills: readonly Killed[]): ControlJob[] {
  const tables = Map.groupBy(
    kills.filter((kill) => kill.by === 'table'),
    ({ table }) => table
  )
  const schedules = new Set(kills.flatMap((kill) => (kill.by === 'schedule' ? [kill.schedule] : [])))
  return [
    ...blocksOf(kills.flatMap((kill) => (kill.by === 'campaign' ? kill.hunted : []))),
    ...kills.flatMap((kill) =>
      kill.by === 'test'
        ? [{ kind: 'control', by: 'test', test: kill.test, property: kill.property } as const]
        : []
    ),
    ...[...schedules].map((schedule) => ({ kind: 'control', by: 'schedule', schedule }) as const),
    ...[...tables].map(([table, of]) => {
      const properties = [...new Set(of.map(({ property }) => property))]
      return { kind: 'control', by: 'table', table, properties } as const
    })
  ]
}

function blocksOf(hunted: readonly Runs[]): ControlJob[] {
  const longest = new Map<string, Runs>()
  for (const one of hunted) {
    const key = JSON.stringify(one.config)
    if ((longest.get(key)?.runs ?? 0) < one.runs) longest.set(key, one)
  }
  return [...longest.values()].flatMap(({ config, runs }) =>
    Array.from({ length: Math.ceil(runs / BLOCK_RUNS) }, (_, block) => ({
      kind: 'control' as const,
      by: 'campaign' as const,
      config,
      from: 1 + block * BLOCK_RUNS,
      runs: Math.min(runs, (block + 1) * BLOCK_RUNS)
    }))
  )
}

/** Whether what the control found wrong with the unchanged code spoils the kill. */
export function spoils({ job, control }: RanControl, kill: Killed): boolean {
  if (control.clean) return false
  if (job.by === 'table')
    return kill.by === 'table' && kill.table === job.table && kill.property === control.property
  if (job.by === 'test') return kill.by === 'test' && kill.test === job.test && kill.property === job.property
  if (job.by === 'schedule') return kill.by === 'schedule' && kill.schedule === job.schedule
  const { seed = 0 } = control
  return (
    kill.by === 'campaign' &&
    kill.hunted.some(({ config, runs }) => seed <= runs && sameConfig(job.config, config))
  )
}

const sameConfig = (a: RunConfig, b: RunConfig) => JSON.stringify(a) === JSON.stringify(b)
