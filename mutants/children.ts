/** Jobs in child processes: one process for each, since a mutant lives in the modules of its process. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { MUTANT_VARIABLE } from './apply.ts'
import type { Hunt } from './hunt.ts'
import type { Control, ControlJob, Job, Report } from './worker.ts'

/** A child that takes longer is ended; what it was asked then counts as not found. */
export const CHILD_TIME_LIMIT_MS = 240_000
/** What is kept is looked for once, and may be found late. */
const KEEP_TIME_LIMIT_MS = 3_600_000

const APPLY = new URL('./apply.ts', import.meta.url).href
const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))

type OnRuns = (runs: number) => void

export async function huntInChild(mutant: string, onRuns: OnRuns): Promise<Hunt> {
  const report = await inChild({ kind: 'hunt' }, { [MUTANT_VARIABLE]: mutant }, onRuns)
  if (report === undefined)
    return { outcome: 'survived', reason: `is not killed within ${CHILD_TIME_LIMIT_MS / 1000} s` }
  if (report.kind !== 'hunt') throw new Error(`a hunt was answered with ${report.kind}`)
  return report.hunt
}

export async function controlInChild(job: ControlJob): Promise<Control> {
  const report = await inChild(job, {}, () => {})
  if (report?.kind !== 'control')
    throw new Error(`a control did not end within ${CHILD_TIME_LIMIT_MS / 1000} s`)
  return report.control
}

/** @returns the lines of a schedule that violates the property of the mutant, if one was found in time */
export async function keepInChild(mutant: string, onRuns: OnRuns): Promise<readonly string[] | undefined> {
  const report = await inChild({ kind: 'keep' }, { [MUTANT_VARIABLE]: mutant }, onRuns, KEEP_TIME_LIMIT_MS)
  return report?.kind === 'kept' ? report.lines : undefined
}

/** @returns the last report, or undefined if the time was up */
function inChild(
  job: Job,
  mutant: NodeJS.ProcessEnv,
  onRuns: OnRuns,
  limitMs = CHILD_TIME_LIMIT_MS
): Promise<Report | undefined> {
  return new Promise((resolve, reject) => {
    const { [MUTANT_VARIABLE]: _, ...env } = process.env
    const child = fork(WORKER, {
      execArgv: ['--conditions=byzkit-source', '--import', APPLY],
      env: { ...env, ...mutant }
    })
    let last: Report | undefined
    let timeIsUp = false
    const timer = setTimeout(() => {
      timeIsUp = true
      child.kill('SIGKILL')
    }, limitMs)
    child.on('message', (said: Report) => {
      if (said.kind === 'progress') onRuns(said.runs)
      else last = said
    })
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(timer)
      if (last !== undefined || timeIsUp) resolve(last)
      else reject(new Error(`a child process ended with status ${status} and without a result`))
    })
    child.send(job)
  })
}

/** Runs all jobs, at most `workers` at a time, and gives their results in the order of the jobs. */
export async function pooled<J, R>(
  jobs: readonly J[],
  workers: number,
  run: (job: J) => Promise<R>
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const work = async () => {
    while (next < jobs.length) {
      const index = next++
      results[index] = await run(jobs[index] as J)
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work))
  return results
}
