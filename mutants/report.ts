/** What `npm run mutants` says: a line for each mutant, one for the controls, and the result. */
import type { Colors } from '../src/cli/output.ts'
import type { Hunt, Killed } from './hunt.ts'
import type { RunConfig } from './laboratory.ts'
import { changesOf, type Mutant } from './mutant.ts'
import type { Control } from './worker.ts'

/** A control with what it ran. */
export type RanControl = Control & { readonly config: RunConfig; readonly runs: number }

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
    controlsClean: controls.every(({ clean }) => clean),
    invisibleAtFour: killed.filter(({ mutant }) => mutant.invisibleAtFour).length,
    mutants: both.map(({ mutant, hunt }) => ({
      name: mutant.name,
      kind: mutant.kind,
      files: [...new Set(changesOf(mutant).map(({ file }) => file))],
      breaks: mutant.breaks,
      ...hunt,
      ...(hunt.outcome === 'killed' ? { control: controlOf(hunt, controls) } : {})
    }))
  }
}

/** Whether the unchanged code violated anything in the runs in which the mutant was hunted. */
function controlOf({ hunted }: Killed, controls: readonly RanControl[]): 'clean' | 'violated' {
  const dirty = controls.some((control) =>
    hunted.some(({ config, runs }) => !control.clean && control.seed <= runs && same(control.config, config))
  )
  return dirty ? 'violated' : 'clean'
}

const same = (a: RunConfig, b: RunConfig) => JSON.stringify(a) === JSON.stringify(b)

export function verdictText({ name, kind }: Mutant, hunt: Hunt, { green, red, dim }: Colors): string {
  if (hunt.outcome === 'survived') return `${red('survived')}  ${kind.padEnd(18)} ${name}: ${hunt.reason}`
  const { config, seed, property, choices, from, atFour } = hunt
  const where = `${config.protocol}, n = ${config.members}${config.links === 'real' ? ', real links' : ''}`
  const length = `shrunk from ${from} choices to ${choices}`
  const four = atFour > 0 ? `, invisible in ${atFour} runs at n = 4` : ''
  return `${green('killed')}    ${kind.padEnd(18)} ${name}: ${property} ${dim(`(${where}, seed ${seed}, ${length}${four})`)}`
}

export function controlText(controls: readonly RanControl[], { green, red }: Colors): string {
  const runs = controls.reduce((sum, control) => sum + control.runs, 0)
  const configurations = new Set(controls.map(({ config }) => JSON.stringify(config))).size
  const text = `control   the unchanged code in the same ${runs} runs of ${configurations} configurations:`
  const dirty = controls.find((control) => !control.clean)
  if (dirty === undefined || dirty.clean) return `${text} ${green('clean')}`
  return `${text} ${red(`seed ${dirty.seed}: ${dirty.property}`)}: ${dirty.detail} ${JSON.stringify(dirty.config)}`
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
