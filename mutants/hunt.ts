/**
 * The hunt for one mutant, in a process in which it lives: by runs that are drawn, by one run that is repeated, by a
 * table, or by a test, which has a process of its own. What is hunted by runs must pass some without any fault first;
 * what is said to be invisible at n = 4, some there.
 */
import { type TableName, tables } from '../test/tables/index.ts'
import { judgeRows } from '../test/tables/table.ts'
import {
  configOf,
  configOfRecording,
  examine,
  examineFaultFree,
  examineRecording,
  type Finding,
  type RunConfig,
  type Shortest,
  scheduleLines,
  shortest
} from './laboratory.ts'
import { type Hunted, type Mutant, TRIAL_RUNS, type Trial } from './mutant.ts'
import { readSchedule } from './schedules.ts'
import { testedIn } from './tested.ts'

/** A mutant counts only if it passes so many runs without any fault: else every test would find it. */
export const FAULT_FREE_RUNS = 100
/** At least so many runs at n = 4 see nothing of a mutant that is said to be invisible there. */
export const AT_FOUR_RUNS_MIN = 100

/** Runs with the seeds 1 to `runs`. */
export interface Runs {
  readonly config: RunConfig
  readonly runs: number
}

export type Hunt = Killed | Survived

/** What lives in the process that hunts it. */
export type HuntedHere = Exclude<Mutant, Hunted<'test'>>

export type Killed = KilledInRun | KilledBySchedule | KilledByTable | KilledByTest

interface InRuns extends Finding {
  readonly outcome: 'killed'
  readonly config: RunConfig
  /** Runs at n = 4, none of which saw anything; 0 where the mutant is not said to be invisible there. */
  readonly atFour: number
}

export interface KilledInRun extends InRuns, Shortest {
  readonly by: 'campaign'
  readonly seed: number
  /** All runs of the hunt up to the kill: what the unchanged code is to pass as a control. */
  readonly hunted: readonly Runs[]
}

export interface KilledBySchedule extends InRuns {
  readonly by: 'schedule'
  readonly schedule: string
  readonly choices: number
}

export interface KilledByTable extends Finding {
  readonly outcome: 'killed'
  readonly by: 'table'
  readonly table: TableName
  /** The number of the first row that is wrong. */
  readonly row: number
}

export interface KilledByTest extends Finding {
  readonly outcome: 'killed'
  readonly by: 'test'
  /** Its file, under test/ and without its ending. */
  readonly test: string
}

export interface Survived {
  readonly outcome: 'survived'
  readonly reason: string
}

export async function hunt(mutant: HuntedHere, onRun: () => void): Promise<Hunt> {
  if (mutant.by === 'campaign') return huntByCampaign(mutant, onRun)
  return mutant.by === 'schedule' ? huntBySchedule(mutant, onRun) : huntByTable(mutant)
}

function huntByCampaign(mutant: Hunted<'campaign'>, onRun: () => void): Hunt {
  const early = foundWithoutFaults(configOf(mutant.trials[0]), onRun)
  if (early !== undefined) return early
  const hunted: Runs[] = []
  for (const trial of mutant.trials) {
    const config = configOf(trial)
    const runs = trial.runs ?? TRIAL_RUNS
    const examineAt = (seed: number) => examine(config, seed)
    const kill = search(runs, onRun, examineAt, ({ property }) => property === mutant.breaks)
    hunted.push({ config, runs: kill?.seed ?? runs })
    if (kill === undefined) continue
    const atFour = mutant.invisibleAtFour ? Math.max(AT_FOUR_RUNS_MIN, kill.seed) : 0
    const seen = seenAtFour(configAtFour(trial), atFour, onRun)
    if (seen !== undefined) return seen
    const { property, detail } = kill.finding
    const length = shortest(config, kill.seed, property)
    return {
      outcome: 'killed',
      by: 'campaign',
      config,
      seed: kill.seed,
      property,
      detail,
      ...length,
      atFour,
      hunted
    }
  }
  return survived(`no run violates ${mutant.breaks}, of ${hunted.map(({ runs }) => runs).join(' + ')}`)
}

function huntBySchedule(mutant: Hunted<'schedule'>, onRun: () => void): Hunt {
  const { name, breaks, found, invisibleAtFour } = mutant
  const recording = readSchedule(name)
  const config = configOfRecording(recording)
  const early = foundWithoutFaults(config, onRun)
  if (early !== undefined) return early
  const finding = examineRecording(recording).find(({ property }) => property === breaks)
  if (finding === undefined) return survived(`its schedule does not violate ${breaks}: --keep writes another`)
  const atFour = invisibleAtFour ? AT_FOUR_RUNS_MIN : 0
  const seen = seenAtFour(configAtFour(found ?? config), atFour, onRun)
  if (seen !== undefined) return seen
  const { property, detail } = finding
  const choices = recording.schedule.length
  return { outcome: 'killed', by: 'schedule', schedule: name, config, property, detail, choices, atFour }
}

/** What `--keep` writes: the smallest run that violates the property of the mutant, found where it says that it is. */
export function scheduleOf(mutant: Mutant, onRun: () => void): readonly string[] | undefined {
  if (mutant.by !== 'schedule' || mutant.found === undefined) return undefined
  const config = configOf(mutant.found)
  const isKill = ({ property }: Finding) => property === mutant.breaks
  const kill = search(mutant.found.runs ?? TRIAL_RUNS, onRun, (seed) => examine(config, seed), isKill)
  return kill === undefined ? undefined : scheduleLines(config, kill.seed, mutant.breaks)
}

async function huntByTable({ table: name, breaks }: Hunted<'table'>): Promise<Hunt> {
  const table = await tables[name]()
  const rows = table[breaks]
  if (rows === undefined) return survived(`the table ${name} has no property "${breaks}"`)
  const { rows: row, wrong } = await judgeRows(rows())
  if (wrong === undefined)
    return survived(`all ${row} rows of the table ${name} have the property: ${breaks}`)
  return { outcome: 'killed', by: 'table', table: name, property: breaks, detail: wrong, row }
}

/** In any process: the mutant lives in that of the test alone. */
export async function huntByTest({ name, test, breaks }: Hunted<'test'>): Promise<Hunt> {
  const { passed, failed, detail } = await testedIn(test, breaks, name)
  if (failed > 0) return { outcome: 'killed', by: 'test', test, property: breaks, detail }
  return survived(
    passed === 0 ? `there is no test "${breaks}" in ${test}` : `the test passes in ${test}: ${breaks}`
  )
}

interface Hit {
  readonly seed: number
  readonly finding: Finding
}

/** The first seed whose run has a finding that counts. */
function search(
  runs: number,
  onRun: () => void,
  examineAt: (seed: number) => readonly Finding[],
  counts: (finding: Finding) => boolean
): Hit | undefined {
  for (let seed = 1; seed <= runs; seed++) {
    const found = examineAt(seed)
    onRun()
    const finding = found.find(counts)
    if (finding !== undefined) return { seed, finding }
  }
  return undefined
}

const anything = () => true

function foundWithoutFaults(config: RunConfig, onRun: () => void): Survived | undefined {
  const early = search(FAULT_FREE_RUNS, onRun, (seed) => examineFaultFree(config, seed), anything)
  return early === undefined ? undefined : survived(`is found without any fault, ${told(early)}`)
}

function seenAtFour(config: RunConfig, runs: number, onRun: () => void): Survived | undefined {
  const seen = search(runs, onRun, (seed) => examine(config, seed), anything)
  return seen === undefined ? undefined : survived(`is not invisible at n = 4, ${told(seen)}`)
}

/** The same trial in a group of four, with one liar. */
function configAtFour({ byzantine: _, ...trial }: Trial | RunConfig): RunConfig {
  return configOf({ ...trial, adversary: trial.adversary ?? 'swarm', members: 4 })
}

const told = ({ seed, finding }: Hit) => `seed ${seed}: ${finding.property}: ${finding.detail}`

const survived = (reason: string): Survived => ({ outcome: 'survived', reason })
