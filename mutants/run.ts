/**
 * `npm run mutants`: seeded bugs in our own source, one at a time, and whether the laboratory finds each of them; then
 * the control, in which the unchanged code passes the same runs.
 *
 *   npm run mutants [-- --only FOLDER|NAME]... [--workers W] [--json]
 *
 * Exits with 0 if every mutant is killed and every control is clean, 1 if not, 2 if it was asked for wrongly.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, endingOf, UsageError } from '../src/cli/errors.ts'
import { createOutput, type Output, oneLine } from '../src/cli/output.ts'
import { liveLine } from '../src/cli/progress.ts'
import { mutants } from './catalogue/index.ts'
import { controlInChild, huntInChild, pooled } from './children.ts'
import { controlsOf } from './controls.ts'
import type { Hunt } from './hunt.ts'
import { changesOf, type Mutant } from './mutant.ts'
import { controlText, resultOf, summary, verdictText } from './report.ts'

const WORKERS_MAX = 64

interface Options {
  readonly only: readonly string[]
  readonly workers: number
  readonly json: boolean
}

function parseOptions(): Options {
  const { only, workers, json } = parseAsGiven()
  const count = workers === undefined ? availableParallelism() : Number(workers)
  if (!Number.isSafeInteger(count) || count < 1 || count > WORKERS_MAX) {
    throw new UsageError(`--workers: expected an integer from 1 to ${WORKERS_MAX}`)
  }
  return { only, workers: count, json }
}

function parseAsGiven() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        workers: { type: 'string' },
        json: { type: 'boolean', default: false }
      }
    })
    return values
  } catch (error) {
    throw new UsageError(oneLine(error instanceof Error ? error.message : String(error)))
  }
}

/** Mutants by name, or by the folder of src/ that they are in. */
function chosen(only: readonly string[]): readonly Mutant[] {
  if (only.length === 0) return mutants
  const foldersOf = (mutant: Mutant) => changesOf(mutant).map(({ file }) => file.slice(0, file.indexOf('/')))
  const folders = [...new Set(mutants.flatMap(foldersOf))]
  for (const wanted of only) {
    if (mutants.some((mutant) => mutant.name === wanted || foldersOf(mutant).includes(wanted))) continue
    throw new UsageError(`--only ${oneLine(wanted)}: neither a mutant nor one of ${folders.join(', ')}`)
  }
  return mutants.filter(
    (mutant) => only.includes(mutant.name) || foldersOf(mutant).some((folder) => only.includes(folder))
  )
}

async function main(): Promise<ExitStatus> {
  const options = parseOptions()
  const output = createOutput(process.stdout, process.env, options.json)
  const asked = chosen(options.only)
  const hunts = await huntAll(asked, options.workers, output)
  const controls = await controlAll(hunts, options.workers, output)
  const result = resultOf(asked, hunts, controls)
  output.result(result, summary(result, output.colors))
  return result.killed === result.total && result.controlsClean ? EXIT_OK : EXIT_FAILED
}

async function huntAll(asked: readonly Mutant[], workers: number, output: Output): Promise<readonly Hunt[]> {
  const live = liveLine(output)
  let ended = 0
  let survived = 0
  return pooled(asked, workers, async (mutant) => {
    const show = (runs: number) =>
      live.show(`${ended} of ${asked.length} mutants, ${survived} survived; ${mutant.name}: ${runs} runs`)
    show(0)
    const hunt = await huntInChild(mutant.name, show)
    ended++
    if (hunt.outcome === 'survived') survived++
    live.clear()
    output.say(verdictText(mutant, hunt, output.colors))
    output.event({ mutant: mutant.name, ...hunt })
    return hunt
  })
}

async function controlAll(hunts: readonly Hunt[], workers: number, output: Output) {
  const jobs = controlsOf(hunts.flatMap((hunt) => (hunt.outcome === 'killed' ? hunt.hunted : [])))
  const live = liveLine(output)
  let ended = 0
  const controls = await pooled(jobs, workers, async (job) => {
    const control = await controlInChild(job, () => {})
    live.show(`control: ${++ended} of ${jobs.length} blocks of runs`)
    return { ...control, config: job.config, runs: job.runs - job.from + 1 }
  })
  live.clear()
  output.say(controlText(controls, output.colors))
  return controls
}

try {
  process.exitCode = await main()
} catch (error) {
  const { status, line } = endingOf(error)
  process.stderr.write(`${line}\n`)
  if (process.env.BYZKIT_DEBUG === '1')
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  process.exitCode = status
}
