/** A child process: hunts the mutant that it was started with (apply.ts), or tries the unchanged code as a control. */
import { type TableName, tables } from '../test/tables/index.ts'
import { judgeRows } from '../test/tables/table.ts'
import { applied, MUTANT_VARIABLE } from './apply.ts'
import { findMutant } from './catalogue/index.ts'
import { type Hunt, hunt, type Runs, scheduleOf } from './hunt.ts'
import { examine, examineRecording, type Finding } from './laboratory.ts'
import { readSchedule } from './schedules.ts'
import { testedIn } from './tested.ts'

/** What the unchanged code is to pass. */
export type ControlJob = { readonly kind: 'control' } & (
  | /** From the seed `from` to the seed `runs`. */
  ({ readonly by: 'campaign'; readonly from: number } & Runs)
  | { readonly by: 'schedule'; readonly schedule: string }
  | { readonly by: 'table'; readonly table: TableName; readonly properties: readonly string[] }
  | { readonly by: 'test'; readonly test: string; readonly property: string }
)

export interface RanControl {
  readonly job: ControlJob
  readonly control: Control
}

export type Job =
  | { readonly kind: 'hunt' }
  /** Hunts by the trial that the mutant names, and answers with the schedule that violates its property. */
  | { readonly kind: 'keep' }
  | ControlJob

/** What the unchanged code violates first, and in a campaign at which seed: nothing, we hope. */
export type Control = { readonly clean: true } | ({ readonly clean: false; readonly seed?: number } & Finding)

export type Report =
  | { readonly kind: 'progress'; readonly runs: number }
  | { readonly kind: 'hunt'; readonly hunt: Hunt }
  | { readonly kind: 'control'; readonly control: Control }
  | { readonly kind: 'kept'; readonly lines: readonly string[] | undefined }

/** Progress is told after so many runs. */
const PROGRESS_RUNS = 20

const report = (said: Report) => process.send?.(said)

process.once('message', (job: Job) => {
  let runs = 0
  const onRun = () => {
    if (++runs % PROGRESS_RUNS === 0) report({ kind: 'progress', runs })
  }
  answer(job, onRun).then(
    (said) => {
      report(said)
      process.disconnect()
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
      process.exit(1)
    }
  )
})

async function answer(job: Job, onRun: () => void): Promise<Report> {
  if (job.kind === 'control') return { kind: 'control', control: await control(job, onRun) }
  const mutant = findMutant(process.env[MUTANT_VARIABLE] ?? '')
  if (mutant === undefined || mutant.by === 'test') throw new Error('no mutant is named that is hunted here')
  const said: Report =
    job.kind === 'hunt'
      ? { kind: 'hunt', hunt: await hunt(mutant, onRun) }
      : { kind: 'kept', lines: scheduleOf(mutant, onRun) }
  // What a table checks is loaded by the hunt.
  if (!applied()) throw new Error('no mutant lives in this process: its file was not loaded')
  return said
}

async function control(job: ControlJob, onRun: () => void): Promise<Control> {
  if (applied()) throw new Error('a control runs the unchanged code')
  if (job.by === 'table') {
    const table = await tables[job.table]()
    for (const property of job.properties) {
      const { wrong } = await judgeRows(table[property]?.() ?? [])
      if (wrong !== undefined) return { clean: false, property, detail: wrong }
    }
    return { clean: true }
  }
  if (job.by === 'test') {
    const { passed, failed, detail } = await testedIn(job.test, job.property)
    return passed > 0 && failed === 0 ? { clean: true } : { clean: false, property: job.property, detail }
  }
  if (job.by === 'schedule') {
    const [finding] = examineRecording(readSchedule(job.schedule))
    return finding === undefined ? { clean: true } : { clean: false, ...finding }
  }
  for (let seed = job.from; seed <= job.runs; seed++) {
    const [finding] = examine(job.config, seed)
    onRun()
    if (finding !== undefined) return { clean: false, seed, ...finding }
  }
  return { clean: true }
}
