/** What `npm run mutants` says: a line for each mutant, one for the controls, and the result. */
import type { Colors } from '../src/program/output.ts'
import { ownSources } from './anchor.ts'
import { spoils } from './controls.ts'
import type { Hunt, Killed } from './hunt.ts'
import { changesOf, type Mutant } from './mutant.ts'
import type { ControlJob, RanControl } from './worker.ts'

export interface Result {
  readonly total: number
  readonly killed: number
  /** Names of those that live. */
  readonly survived: readonly string[]
  readonly controlsClean: boolean
  /** Killed mutants of which no run at n = 4 shows anything. */
  readonly invisibleAtFour: number
  readonly mutants: readonly object[]
}

export function resultOf(
  mutants: readonly Mutant[],
  hunts: readonly Hunt[],
  controls: readonly RanControl[]
): Result {
  const both = mutants.map((mutant, index) => ({ mutant, hunt: hunts[index] as Hunt }))
  const killed = both.filter(({ hunt }) => hunt.outcome === 'killed')
  return {
    total: mutants.length,
    killed: killed.length,
    survived: both.filter(({ hunt }) => hunt.outcome === 'survived').map(({ mutant }) => mutant.name),
    controlsClean: controls.every(({ control }) => control.clean),
    invisibleAtFour: killed.filter(({ mutant }) => isInvisibleAtFour(mutant)).length,
    mutants: both.map(({ mutant, hunt }) => ({
      ...described(mutant),
      ...hunt,
      ...(hunt.outcome === 'killed' ? { control: controlOf(hunt, controls) } : {})
    }))
  }
}

export const isInvisibleAtFour = (mutant: Mutant): boolean =>
  mutant.by !== 'table' && mutant.by !== 'test' && mutant.invisibleAtFour === true

/** The files from src/ that it changes, as they are now. */
export const filesOf = (mutant: Mutant): string[] => [
  ...new Set(changesOf(mutant).map((change) => ownSources().locate(mutant.name, change).file))
]

/** What is known of a mutant before it is hunted. */
export function described(mutant: Mutant) {
  const { name, kind, by, breaks } = mutant
  return { name, kind, by, files: filesOf(mutant), breaks }
}

/** Whether the unchanged code violated anything in what the mutant was killed in. */
const controlOf = (hunt: Killed, controls: readonly RanControl[]): 'clean' | 'violated' =>
  controls.some((control) => spoils(control, hunt)) ? 'violated' : 'clean'

export function verdictText({ name, kind }: Mutant, hunt: Hunt, { green, red, dim }: Colors): string {
  if (hunt.outcome === 'survived') return `${red('survived')}  ${kind.padEnd(18)} ${name}: ${hunt.reason}`
  return `${green('killed')}    ${kind.padEnd(18)} ${name}: ${hunt.property} ${dim(`(${howKilled(hunt)})`)}`
}

function howKilled(hunt: Killed): string {
  if (hunt.by === 'table') return `table ${hunt.table}, row ${hunt.row}: ${hunt.detail}`
  if (hunt.by === 'test') return `test ${hunt.test}: ${hunt.detail}`
  const { config, choices, atFour } = hunt
  const where = `${config.protocol}, n = ${config.members}${config.links === 'real' ? ', real links' : ''}`
  const how =
    hunt.by === 'schedule'
      ? `its schedule of ${choices} choices`
      : `seed ${hunt.seed}, shrunk from ${hunt.from} choices to ${choices}`
  return `${where}, ${how}${atFour > 0 ? `, invisible in ${atFour} runs at n = 4` : ''}`
}

/** What `--list` says: how it is hunted, where, and what falls. */
export function listText(mutant: Mutant): string {
  const { name, by, breaks } = mutant
  return `${by.padEnd(9)} ${filesOf(mutant).join(', ')}  ${name}: ${huntedIn(mutant)}${breaks}`
}

function huntedIn(mutant: Mutant): string {
  if (mutant.by === 'table') return `${mutant.table}: `
  if (mutant.by === 'test') return `${mutant.test}: `
  if (mutant.by === 'schedule') return ''
  const [{ protocol, members, adversary = 'swarm' }] = mutant.trials
  return `${protocol}, n = ${members}, ${adversary}: `
}

export function controlText(controls: readonly RanControl[], { green, red }: Colors): string {
  const text = `control   the unchanged code in the same ${controlled(controls.map(({ job }) => job))}:`
  for (const { job, control } of controls) {
    if (control.clean) continue
    const where =
      job.by === 'campaign'
        ? `seed ${control.seed}`
        : job.by === 'table'
          ? `table ${job.table}`
          : job.by === 'test'
            ? `test ${job.test}`
            : `schedule ${job.schedule}`
    const config = job.by === 'campaign' ? ` ${JSON.stringify(job.config)}` : ''
    return `${text} ${red(`${where}: ${control.property}`)}: ${control.detail}${config}`
  }
  return `${text} ${green('clean')}`
}

function controlled(jobs: readonly ControlJob[]): string {
  const campaigns = jobs.flatMap((job) => (job.by === 'campaign' ? [job] : []))
  const runs = campaigns.reduce((sum, job) => sum + job.runs - job.from + 1, 0)
  const configurations = new Set(campaigns.map(({ config }) => JSON.stringify(config))).size
  const schedules = jobs.filter(({ by }) => by === 'schedule').length
  const tables = jobs.filter(({ by }) => by === 'table').length
  const tests = jobs.filter(({ by }) => by === 'test').length
  return [
    ...(runs > 0 ? [`${runs} runs of ${configurations} configurations`] : []),
    ...(schedules > 0 ? [`${schedules} schedules`] : []),
    ...(tables > 0 ? [`${tables} tables`] : []),
    ...(tests > 0 ? [`${tests} tests`] : [])
  ].join(', ')
}

export function summary(
  { total, killed, survived, controlsClean, invisibleAtFour }: Result,
  { green, red }: Colors
): string {
  const ok = survived.length === 0 && controlsClean
  const text = `${killed} of ${total} mutants killed, ${invisibleAtFour} of them invisible at n = 4`
  const living = survived.length === 0 ? '' : `\nsurvived: ${survived.join(', ')}`
  return `${ok ? green(text) : red(text)}${controlsClean ? '' : red('\nthe unchanged code is wrong as well: see the control')}${living}`
}
