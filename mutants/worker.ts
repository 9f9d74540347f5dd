/** A child process: hunts the mutant that it was started with (apply.ts), or runs the unchanged code as a control. */
import { applied, MUTANT_VARIABLE } from './apply.ts'
import { findMutant } from './catalogue/index.ts'
import { type Hunt, hunt, type Runs } from './hunt.ts'
import { examine, type Finding } from './laboratory.ts'

export type Job =
  | { readonly kind: 'hunt' }
  /** From the seed `from` to the seed `runs`. */
  | ({ readonly kind: 'control'; readonly from: number } & Runs)

/** The first seed of a control at which the unchanged code violates something: never, we hope. */
export type Control = { readonly clean: true } | ({ readonly clean: false; readonly seed: number } & Finding)

export type Report =
  | { readonly kind: 'progress'; readonly runs: number }
  | { readonly kind: 'hunt'; readonly hunt: Hunt }
  | { readonly kind: 'control'; readonly control: Control }

/** Progress is told after so many runs. */
const PROGRESS_RUNS = 20

const report = (said: Report) => process.send?.(said)

process.once('message', (job: Job) => {
  let runs = 0
  const onRun = () => {
    if (++runs % PROGRESS_RUNS === 0) report({ kind: 'progress', runs })
  }
  report(
    job.kind === 'hunt'
      ? { kind: 'hunt', hunt: huntHere(onRun) }
      : { kind: 'control', control: control(job, onRun) }
  )
  process.disconnect()
})

function huntHere(onRun: () => void): Hunt {
  const mutant = findMutant(process.env[MUTANT_VARIABLE] ?? '')
  if (mutant === undefined || !applied())
    throw new Error('no mutant lives in this process: its file was not loaded')
  return hunt(mutant, onRun)
}

function control({ config, from, runs }: Extract<Job, { kind: 'control' }>, onRun: () => void): Control {
  if (applied()) throw new Error('a control runs the unchanged code')
  for (let seed = from; seed <= runs; seed++) {
    const [finding] = examine(config, seed)
    onRun()
    if (finding !== undefined) return { clean: false, seed, ...finding }
  }
  return { clean: true }
}
