/**
 * `npm run mutants`: seeded bugs in our own source, one at a time, and whether the laboratory finds each of them; then
 * the control, in which the unchanged code passes the same runs.
 *
 *   npm run mutants [-- --only FOLDER|NAME]... [--by campaign|schedule|table|test] [--workers W] [--json]
 *   npm run mutants -- --list [--only FOLDER|NAME]... [--by HOW] [--json]
 *   npm run mutants -- --keep NAME
 *
 * `--list` says how each is hunted, and hunts none. `--keep` writes the schedule of a mutant anew, from the campaign in
 * which the mutant says that it was found.
 *
 * Exits with 0 if every mutant is killed and every control is clean, 1 if not, 2 if it was asked for wrongly.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, endingOf, UsageError } from '../src/program/errors.ts'
import { createOutput, type Output, oneLine } from '../src/program/output.ts'
import { liveLine } from '../src/program/progress.ts'
import { findMutant, mutants } from './catalogue/index.ts'
import { controlInChild, huntInChild, keepInChild, pooled } from './children.ts'
import { controlsOf } from './controls.ts'
import { type Hunt, huntByTest } from './hunt.ts'
import type { By, Mutant } from './mutant.ts'
import { controlText, described, filesOf, listText, resultOf, summary, verdictText } from './report.ts'
import { writeSchedule } from './schedules.ts'
import type { RanControl } from './worker.ts'

const WORKERS_MAX = 64
const WAYS: readonly By[] = ['campaign', 'schedule', 'table', 'test']

const isBy = (text: string): text is By => WAYS.includes(text as By)

interface Options {
  readonly only: readonly string[]
  readonly by: By | undefined
  readonly list: boolean
  /** The mutant whose schedule is written anew. */
  readonly keep?: string
  readonly workers: number
  readonly json: boolean
}

function parseOptions(): Options {
  const { workers, by, ...given } = parseAsGiven()
  const count = workers === undefined ? availableParallelism() : Number(workers)
  if (!Number.isSafeInteger(count) || count < 1 || count > WORKERS_MAX) {
    throw new UsageError(`--workers: expected an integer from 1 to ${WORKERS_MAX}`)
  }
  if (by !== undefined && !isBy(by)) throw new UsageError(`--by: expected one of ${WAYS.join(', ')}`)
  return { ...given, by, workers: count }
}

function parseAsGiven() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        by: { type: 'string' },
        list: { type: 'boolean', default: false },
        keep: { type: 'string' },
        workers: { type: 'string' },
        json: { type: 'boolean', default: false }
      }
    })
    return values
  } catch (error) {
    throw new UsageError(oneLine(error instanceof Error ? error.message : String(error)))
  }
}

/** Mutants by name, or by the folder of src/ that they are in; and by how they are hunted. */
function chosen({ only, by }: Options): readonly Mutant[] {
  const ways = mutants.filter((mutant) => by === undefined || mutant.by === by)
  if (only.length === 0) return ways
  const foldersOf = (mutant: Mutant) => filesOf(mutant).map((file) => file.slice(0, file.indexOf('/')))
  const folders = [...new Set(mutants.flatMap(foldersOf))]
  for (const wanted of only) {
    if (mutants.some(({ name }) => name === wanted) || folders.includes(wanted)) continue
    throw new UsageError(`--only ${oneLine(wanted)}: neither a mutant nor one of ${folders.join(', ')}`)
  }
  return ways.filter(
    (mutant) => only.includes(mutant.name) || foldersOf(mutant).some((folder) => only.includes(folder))
  )
}

async function main(): Promise<ExitStatus> {
  const options = parseOptions()
  const output = createOutput(process.stdout, process.env, options.json)
  if (options.keep !== undefined) return keep(options.keep, output)
  const asked = chosen(options)
  if (options.list) {
    const lines = asked.map(listText)
    output.result({ mutants: asked.map(described) }, lines.join('\n'))
    return EXIT_OK
  }
  const hunts = await huntAll(asked, options.workers, output)
  const controls = await controlAll(hunts, options.workers, output)
  const result = resultOf(asked, hunts, controls)
  output.result(result, summary(result, output.colors))
  return result.killed === result.total && result.controlsClean ? EXIT_OK : EXIT_FAILED
}

async function keep(name: string, output: Output): Promise<ExitStatus> {
  const mutant = findMutant(name)
  if (mutant?.by !== 'schedule' || mutant.found === undefined)
    throw new UsageError(`--keep ${oneLine(name)}: no mutant by schedule that says where it was found`)
  const live = liveLine(output)
  const lines = await keepInChild(name, (runs) => live.show(`${name}: ${runs} runs`))
  live.clear()
  if (lines === undefined) {
    output.result({ mutant: name, kept: false }, `${name}: no run violates ${mutant.breaks}`)
    return EXIT_FAILED
  }
  const path = writeSchedule(name, lines)
  output.result({ mutant: name, kept: true, path }, `${path}: ${lines.length - 2} choices`)
  return EXIT_OK
}

async function huntAll(asked: readonly Mutant[], workers: number, output: Output): Promise<readonly Hunt[]> {
  const live = liveLine(output)
  let ended = 0
  let survived = 0
  return pooled(asked, workers, async (mutant) => {
    const show = (runs: number) =>
      live.show(`${ended} of ${asked.length} mutants, ${survived} survived; ${mutant.name}: ${runs} runs`)
    show(0)
    const hunt = mutant.by === 'test' ? await huntByTest(mutant) : await huntInChild(mutant.name, show)
    ended++
    if (hunt.outcome === 'survived') survived++
    live.clear()
    output.say(verdictText(mutant, hunt, output.colors))
    output.event({ mutant: mutant.name, ...hunt })
    return hunt
  })
}

async function controlAll(
  hunts: readonly Hunt[],
  workers: number,
  output: Output
): Promise<readonly RanControl[]> {
  const jobs = controlsOf(hunts.filter((hunt) => hunt.outcome === 'killed'))
  if (jobs.length === 0) return []
  const live = liveLine(output)
  let ended = 0
  const controls = await pooled(jobs, workers, async (job) => {
    const control = await controlInChild(job)
    live.show(`control: ${++ended} of ${jobs.length}`)
    return { job, control }
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
