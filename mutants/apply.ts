/**
 * Loaded before anything else (`node --import ./mutants/apply.ts`): makes the changes of the mutant that the environment
 * names, while Node loads the files; Node strips the types of what it is given here, as it does of any source.
 */
import { registerHooks } from 'node:module'
import { ownSources } from './anchor.ts'
import { findMutant } from './catalogue/index.ts'
import { changedFiles } from './change.ts'

/** The environment variable that names the mutant; without it nothing is changed. */
export const MUTANT_VARIABLE = 'BYZKIT_MUTANT'

const name = process.env[MUTANT_VARIABLE]
const changed = name === undefined ? new Map<string, string>() : changedBy(name)
const loaded = new Set<string>()

/** Whether the named mutant lives: its files were loaded, changed. */
export function applied(): boolean {
  return changed.size > 0 && loaded.size === changed.size
}

function changedBy(wanted: string): ReadonlyMap<string, string> {
  const mutant = findMutant(wanted)
  if (mutant === undefined) throw new Error(`${MUTANT_VARIABLE}: there is no mutant ${wanted}`)
  return changedFiles(ownSources(), mutant)
}

if (changed.size > 0) {
  const sourceOf = new Map(
    [...changed].map(([file, source]) => [new URL(`../src/${file}`, import.meta.url).href, source])
  )
  registerHooks({
    load(url, context, nextLoad) {
      const source = sourceOf.get(url)
      if (source === undefined) return nextLoad(url, context)
      loaded.add(url)
      return { ...nextLoad(url, context), source }
    }
  })
}
